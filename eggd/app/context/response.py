"""`Response`: what goes out, until it is rendered (core:RES-1..15).

`Context` keeps these fields in itself (it extends this class): one object per request.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from eggd.app.context.interfaces import AppLike
from eggd.errors import EggError
from eggd.http import Exchange
from eggd.wire.conditional import http_date, quoted_etag, seconds_of
from eggd.wire.disposition import content_disposition
from eggd.wire.mime import content_type, file_type
from eggd.wire.negotiate import preferred

EMPTY = frozenset((204, 205, 304))
REDIRECTS = frozenset((300, 301, 302, 303, 305, 307, 308))

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

TAKEN = object()
"""The body of a response that somebody else sends: `ctx.respond = False`."""

Fields = dict[str, tuple[str, list[str]]]
"""Lower-cased name -> (name as set, values)."""


class Response:
    """Status, fields and body of one response; 404 without a body until somebody says otherwise."""

    __slots__ = ("_body", "_explicit", "_fields", "_null", "_real_status", "_status", "exchange")

    app: AppLike

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self._status = 404
        self._explicit = False
        self._null = False
        self._body: Any = None
        self._fields: Fields | None = None

    @property
    def status(self) -> int:
        """The status code; 404 until set or a body is (core:RES-1)."""
        return self._status

    @status.setter
    def status(self, status: int) -> None:
        if type(status) is not int:
            raise EggError(f"status code must be a number: {status!r}", hint="100 to 999")
        if not 100 <= status <= 999:
            raise EggError(f"invalid status code: {status!r}", hint="a whole number, 100 to 999")
        self._status = status
        self._explicit = True
        if status in EMPTY:
            self._replace(None)

    @property
    def message(self) -> str:
        """The status's reason phrase, its number where it has none (core:RES-8)."""
        return phrase(self._status)

    @property
    def real_status(self) -> int:
        """What really happened, where the status is a redirect to a page that says so (CTX-6)."""
        try:
            return self._real_status
        except AttributeError:
            return self._status

    @real_status.setter
    def real_status(self, status: int) -> None:
        self._real_status = status

    @property
    def body(self) -> Any:
        """The body: None, str, bytes, what JSON can say, or what is streamed (`stream.py`)."""
        return self._body

    @body.setter
    def body(self, body: Any) -> None:
        if body is None:
            self._clear_body()
        elif self._explicit:
            # Content of 204, 205 and 304 is dropped (core:RES-5).
            self._replace(None if self._status in EMPTY else body)
        else:
            self._body = body
            self._status = 200
            self._explicit = True

    @property
    def respond(self) -> bool:
        """Whether eggd answers; False hands `ctx.exchange` over, and then nobody else (CTX-9)."""
        return self._body is not TAKEN

    @respond.setter
    def respond(self, respond: bool) -> None:
        self._explicit = True
        if respond != self.respond:
            self._body = None if respond else TAKEN

    @property
    def type(self) -> str:
        """The media type that was set, "" while none is."""
        return self.get_field("content-type").partition(";")[0].strip()

    @type.setter
    def type(self, value: str) -> None:
        kind = content_type(value)
        if kind:
            self.set("Content-Type", kind)
        else:
            self.remove("Content-Type")

    @property
    def length(self) -> int | None:
        """Content-Length as it was set, else the body's where that is text or bytes, else None."""
        field = self.get_field("content-length")
        if field:
            return int(field)
        if isinstance(self._body, str):
            return len(self._body.encode())
        return len(self._body) if isinstance(self._body, bytes | bytearray) else None

    @length.setter
    def length(self, length: int) -> None:
        self.set("Content-Length", length)

    @property
    def etag(self) -> str:
        """The entity tag; quotes are added to one that has none (core:RES-12)."""
        return self.get_field("etag")

    @etag.setter
    def etag(self, tag: str) -> None:
        self.set("ETag", quoted_etag(tag))

    @property
    def last_modified(self) -> datetime | None:
        """When the content was changed last; a datetime, or seconds since the epoch to set."""
        seconds = seconds_of(self.get_field("last-modified"))
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

    @last_modified.setter
    def last_modified(self, moment: datetime | float) -> None:
        seconds = moment.timestamp() if isinstance(moment, datetime) else moment
        self.set("Last-Modified", http_date(seconds))

    @property
    def header_sent(self) -> bool:
        """Whether the head has left: what is set after that goes nowhere (core:RES-13)."""
        return self.exchange.started

    @property
    def writable(self) -> bool:
        """Whether an answer can reach the client and is not complete (core:X-4)."""
        return not (self.exchange.lost or self.exchange.finished)

    def get_field(self, name: str) -> str:
        """Returns a response field's value, "" where it is not set."""
        found = (self._fields or {}).get(name.lower())
        return ", ".join(found[1]) if found else ""

    def set(
        self, name: str | Mapping[str, object], value: object = "", *, append: bool = False
    ) -> None:
        """Sets a field, or all of a mapping; a list sets one line each (core:RES-13).

        Content-Encoding brings `Vary: Accept-Encoding` with it (RFC 9110 section 12.5.5). Raises
        EggError for a name or value that is not allowed on the wire (RFC 9110 section 5.5).
        """
        if not isinstance(name, str):
            for key, entry in name.items():
                self.set(key, entry)
            return
        if self.exchange.started:
            return
        values = _checked(name, value)
        if self._fields is None:
            self._fields = {}
        key = name.lower()
        before = self._fields[key][1] if append and key in self._fields else []
        self._fields[key] = (name, before + values)
        if key == "content-encoding":
            self.vary("Accept-Encoding")

    def append(self, name: str, value: object) -> None:
        """Adds a line to a field, keeping those that are there (core:RES-13)."""
        self.set(name, value, append=True)

    def remove(self, name: str) -> None:
        """Takes a field out; nothing happens where it is not set."""
        if self._fields is not None:
            self._fields.pop(name.lower(), None)

    def vary(self, field: str) -> None:
        """Adds names, by comma, to Vary: each once; `*` alone, as it says everything (RES-13)."""
        told = [name.strip() for name in f"{self.get_field('vary')},{field}".split(",")]
        names = {name.lower(): name for name in reversed(told) if name}
        self.set("Vary", "*" if "*" in names else ", ".join(reversed(names.values())))

    def attachment(self, filename: str = "", *, kind: str = "attachment") -> None:
        """Has the client save the body under a name, which also says its type (core:RES-14)."""
        if filename and not self.type:
            self.set("Content-Type", file_type(filename))
        self.set("Content-Disposition", content_disposition(filename, kind))

    def redirect(self, url: str, alternative: str = "/") -> None:
        """Answers 302 (or the redirect status already set) to `url` (core:RES-9).

        "back" is where the client came from if that is this site, else `alternative` (RES-10).
        """
        if url == "back":
            url = self._referrer() or alternative
        if re.match(r"https?://[^/?#]+\Z", url, re.IGNORECASE):
            url += "/"
        location = quote(url, safe="%/:=&?~#+!$,;'@()*[]")
        self.set("Location", location)
        if self._status not in REDIRECTS:
            self.status = 302
        accept = self.exchange.headers.get("accept", "")
        if preferred(accept, ("text/html", "text/plain")) == "text/plain":
            self.set("Content-Type", "text/plain; charset=utf-8")
            self.body = f"Redirecting to {location}."
        else:
            self.set("Content-Type", "text/html; charset=utf-8")
            self.body = f"Redirecting to {html.escape(location)}."

    def back(self, alternative: str = "/") -> None:
        """Redirects to where the client came from; `redirect("back")` (core:RES-10)."""
        self.redirect("back", alternative)

    def _referrer(self) -> str:
        headers = self.exchange.headers
        url = headers.get("referer", "") or headers.get("referrer", "")
        try:
            parts = urlsplit(url)
        except ValueError:
            return ""
        here = parts.netloc and parts.netloc.lower() == self._host().lower()
        return url if here and parts.scheme in ("http", "https") else ""

    def _host(self) -> str:
        """Returns the host of the request; a trusted proxy may set it (core:REQ-5)."""
        host: str = self.app.request(self.exchange).host
        return host

    def _clear_body(self) -> None:
        self._replace(None)
        self._null = True
        if self._status not in EMPTY:
            self._status = 204
        self._explicit = True
        for name in ("Content-Type", "Content-Length", "Transfer-Encoding"):
            self.remove(name)

    def _replace(self, body: Any) -> None:
        """Takes another body; a stream in its place is closed, nobody will read it (RES-16)."""
        old = self._body
        if old is TAKEN:
            return
        self._body = body
        close = getattr(old, "aclose", None) or getattr(old, "close", None)
        if close is not None and old is not body:
            self.app.background.run(close, None, "close a replaced body")


def _checked(name: str, value: object) -> list[str]:
    """Returns a field's lines; raises EggError for what may not be on the wire."""
    if not _NAME.fullmatch(name):
        raise EggError(f"invalid header name {name!r}")
    values = [str(item) for item in (value if isinstance(value, list | tuple) else [value])]
    for item in values:
        if not _VALUE.fullmatch(item):
            raise EggError(f"invalid value of header {name}: {item!r}")
    return values


def phrase(status: int) -> str:
    """Returns the status's reason phrase, or its number where it has none (core:RES-8)."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return str(status)
