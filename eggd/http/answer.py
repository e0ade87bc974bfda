"""What every answer carries: status line, Date, connection fields; and the small error page."""

from __future__ import annotations

from email.utils import formatdate
from http import HTTPStatus
from time import time

_NO_BODY = (204, 304)

LINES = {
    status.value: b"HTTP/1.1 %d %b\r\n" % (status.value, status.phrase.encode())
    for status in HTTPStatus
    if status.value >= 200 and status.value not in _NO_BODY
}
"""Status lines of the answers that carry a Content-Length: the hot path's one look-up."""

LENGTHS = [b"Content-Length: %d\r\n\r\n" % length for length in range(1024)]
"""The ends of the heads of small answers; to write a number is dear."""

OWN_FIELDS = frozenset(("connection", "content-length", "date", "keep-alive", "transfer-encoding"))
"""Fields that the connection writes; values set by an application are not sent, except
`Connection: close`, which ends the connection."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def status_line(status: int) -> bytes:
    """Returns the status line; a status nobody registered has an empty phrase (RFC 9112 4)."""
    if not 200 <= status <= 999:
        raise ValueError(f"{status!r} is no final HTTP status")
    line = LINES.get(status)
    if line is None:
        phrase = HTTPStatus(status).phrase if status in _NO_BODY else ""
        line = b"HTTP/1.1 %d %b\r\n" % (status, phrase.encode())
    return line


def closes(connection: str) -> bool:
    """Returns whether a Connection field has the option `close` (RFC 9110 section 7.6.1)."""
    return "close" in [option.strip(" \t").lower() for option in connection.split(",")]


def has_body(status: int) -> bool:
    """Tells whether an answer of this status has content (RFC 9110 sections 15.3.5 and 15.4.5)."""
    return status not in _NO_BODY


class Clock:
    """The fields that change once a second at most, made when an answer needs them: no timer."""

    __slots__ = ("_keep_alive", "close", "keep", "since", "until")

    def __init__(self, keep_alive_timeout: float) -> None:
        """Takes the seconds an idle connection is promised."""
        self._keep_alive = int(keep_alive_timeout)
        # Valid while since <= time.time() < until: a clock that is set back renews them, too.
        self.since = self.until = 0.0
        self.keep = b""
        self.close = b""

    def tick(self, now: float) -> None:
        """Makes the fields for the second of `now` (time.time())."""
        second = int(now)
        self.since, self.until = float(second), second + 1.0
        date = b"Date: " + formatdate(second, usegmt=True).encode()
        self.keep = b"%b\r\nConnection: keep-alive\r\nKeep-Alive: timeout=%d\r\n" % (
            date,
            self._keep_alive,
        )
        self.close = date + b"\r\nConnection: close\r\n"

    def fields(self, *, keep: bool) -> bytes:
        """Returns Date and Connection for now."""
        now = time()
        if not self.since <= now < self.until:
            self.tick(now)
        return self.keep if keep else self.close


def error_page(status: int) -> bytes:
    """Returns the page for what never reached the app (core:APP-8)."""
    try:
        title = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        title = str(status)
    return _PAGE.format(title=title).encode()


_PAGE = """<html>
<head><title>{title}</title></head>
<body bgcolor="white">
<center><h1>{title}</h1></center>
<hr><center>\N{HEAVY BLACK HEART}</center>
</body>
</html>
"""
