"""`Response`: what an app sets of a response, over an `Answer` (core:RES-1..15)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from eggd.app.context.answer import Answer
from eggd.errors import phrase
from eggd.wire.conditional import http_date, quoted_etag, seconds_of
from eggd.wire.disposition import content_disposition
from eggd.wire.html_text import escape_html
from eggd.wire.mime import content_type, file_type
from eggd.wire.negotiate import preferred

_REDIRECTS = frozenset((300, 301, 302, 303, 305, 307, 308))


class Response(Answer):
    """The base of the class that an app's `app/extend/response.py` extends; `ctx.response`."""

    @property
    def message(self) -> str:
        """The status's reason phrase, or its number without one (core:RES-8)."""
        return phrase(self.status)

    @property
    def real_status(self) -> int:
        """The status to log, if `status` is that of a redirect to an error page (CTX-6)."""
        return getattr(self, "_real_status", self.code)

    @real_status.setter
    def real_status(self, status: int) -> None:
        self._real_status = status

    @property
    def type(self) -> str:
        """The media type that was set, else ""."""
        return self.get("content-type").partition(";")[0].strip()

    @type.setter
    def type(self, value: str) -> None:
        kind = content_type(value)
        if kind:
            self.set("Content-Type", kind)
        else:
            self.remove("Content-Type")

    @property
    def length(self) -> int | None:
        """Content-Length if it is set, else the length of a body of text or bytes, else None."""
        field = self.get("content-length")
        if field:
            return int(field)
        if isinstance(self.content, str):
            return len(self.content.encode())
        return len(self.content) if isinstance(self.content, bytes | bytearray) else None

    @length.setter
    def length(self, length: int) -> None:
        self.set("Content-Length", length)

    @property
    def etag(self) -> str:
        """The entity tag; quotes are added to a tag without them (core:RES-12)."""
        return self.get("etag")

    @etag.setter
    def etag(self, tag: str) -> None:
        self.set("ETag", quoted_etag(tag))

    @property
    def last_modified(self) -> datetime | None:
        """The time of the last change; set it as a datetime or as seconds since the epoch."""
        seconds = seconds_of(self.get("last-modified"))
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

    @last_modified.setter
    def last_modified(self, moment: datetime | float) -> None:
        seconds = moment.timestamp() if isinstance(moment, datetime) else moment
        self.set("Last-Modified", http_date(seconds))

    @property
    def header_sent(self) -> bool:
        """Whether the head was sent: fields that are set later have no effect (core:RES-13)."""
        return self.exchange.started

    @property
    def writable(self) -> bool:
        """Whether the response can still reach the client and is not complete (core:X-4)."""
        return not (self.exchange.lost or self.exchange.finished)

    def attachment(self, filename: str = "", *, kind: str = "attachment") -> None:
        """Makes the client save the body as a file, whose name also sets the type (core:RES-14)."""
        if filename and not self.type:
            self.set("Content-Type", file_type(filename))
        self.set("Content-Disposition", content_disposition(filename, kind))

    def redirect(self, url: str, alternative: str = "/") -> None:
        """Redirects to `url` with 302, or with the redirect status that is set (core:RES-9).

        "back" is the page that the client came from if it is on this site, else `alternative`
        (core:RES-10).
        """
        if url == "back":
            url = self._referrer() or alternative
        if re.match(r"https?://[^/?#]+\Z", url, re.IGNORECASE):
            url += "/"
        location = quote(url, safe="%/:=&?~#+!$,;'@()*[]")
        self.set("Location", location)
        if self.status not in _REDIRECTS:
            self.status = 302
        accept = self.exchange.headers.get("accept", "")
        if preferred(accept, ("text/html", "text/plain")) == "text/plain":
            self.set("Content-Type", "text/plain; charset=utf-8")
            self.body = f"Redirecting to {location}."
        else:
            self.set("Content-Type", "text/html; charset=utf-8")
            self.body = f"Redirecting to {escape_html(location)}."

    def back(self, alternative: str = "/") -> None:
        """Redirects to the page that the client came from; `redirect("back")` (core:RES-10)."""
        self.redirect("back", alternative)

    def _referrer(self) -> str:
        """Returns the page that the client came from, "" if it is on another site."""
        headers = self.exchange.headers
        url = headers.get("referer", "") or headers.get("referrer", "")
        try:
            parts = urlsplit(url)
        except ValueError:
            return ""
        # The request's host: a trusted proxy may set it (core:REQ-5).
        host: str = self.app.request(self.exchange).host
        is_here = parts.netloc and parts.netloc.lower() == host.lower()
        return url if is_here and parts.scheme in ("http", "https") else ""
