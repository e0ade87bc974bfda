"""The parts of every answer: status line, Date, connection fields; and the answers to malformed
requests, which never become an exchange (core:APP-8, APP-9)."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from http import HTTPStatus
from time import monotonic, time
from typing import NamedTuple

from eggd.errors import HttpError

_NO_BODY = (204, 304)

LINES = {
    status.value: b"HTTP/1.1 %d %b\r\n" % (status.value, status.phrase.encode())
    for status in HTTPStatus
    if status.value >= 200 and status.value not in _NO_BODY
}
"""Status lines of the answers that have a Content-Length: one lookup on the hot path."""

SMALL = 1024
"""Bytes of content from which an answer is not small."""

LENGTHS = [b"Content-Length: %d\r\n\r\n" % length for length in range(SMALL)]
"""The last lines of the heads of small answers: formatting an integer is expensive."""

OWN_FIELDS = frozenset(("connection", "content-length", "date", "keep-alive", "transfer-encoding"))
"""Fields that the connection writes; values set by an application are not sent, except
`Connection: close`, which ends the connection."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def status_line(status: int) -> bytes:
    """Returns the status line; an unregistered status has an empty phrase (RFC 9112 section 4)."""
    if not 200 <= status <= 999:
        raise ValueError(f"{status!r} is not a final HTTP status")
    line = LINES.get(status)
    if line is None:
        phrase = HTTPStatus(status).phrase if status in _NO_BODY else ""
        line = b"HTTP/1.1 %d %b\r\n" % (status, phrase.encode())
    return line


def closes(connection: str) -> bool:
    """Returns whether a Connection field has the option `close` (RFC 9110 section 7.6.1)."""
    return "close" in [option.strip(" \t").lower() for option in connection.split(",")]


def has_body(status: int) -> bool:
    """Returns whether an answer of this status has content (RFC 9110 15.3.5 and 15.4.5)."""
    return status not in _NO_BODY


class Clock:
    """The Date and Connection fields, formatted at most once a second, without a timer."""

    __slots__ = ("_keep_alive", "close", "keep", "until")

    def __init__(self, keep_alive_timeout: float) -> None:
        """Takes the seconds that `Keep-Alive: timeout=` promises."""
        self._keep_alive = int(keep_alive_timeout)
        # Valid while time.monotonic() < until: for a second at most, if the clock is set.
        self.until = -math.inf
        # The field lines of an answer after which the connection is kept, or closed.
        self.keep = b""
        self.close = b""

    def tick(self, now: float) -> None:
        """Formats the fields for the rest of this second; `now` is time.monotonic()."""
        fraction, second = math.modf(time())
        self.until = now + 1.0 - fraction
        date = b"Date: " + formatdate(int(second), usegmt=True).encode()
        self.keep = b"%b\r\nConnection: keep-alive\r\nKeep-Alive: timeout=%d\r\n" % (
            date,
            self._keep_alive,
        )
        self.close = date + b"\r\nConnection: close\r\n"

    def fields(self, *, keep: bool) -> bytes:
        """Returns the current lines of Date and Connection."""
        now = monotonic()
        if now >= self.until:
            self.tick(now)
        return self.keep if keep else self.close


class Refusal(NamedTuple):
    """The answer to a malformed request; the connection is closed after it."""

    status: int
    fields: bytes
    """Complete lines, without those that the connection adds (`Exchange.send`)."""
    body: bytes

    @property
    def names(self) -> set[str]:
        """The names of its fields, in lower case."""
        lines = self.fields.decode("latin-1").lower().splitlines()
        return {line.partition(":")[0] for line in lines}

    def encode(self, clock: Clock, fixed: bytes, *, content: bool) -> bytes:
        """Returns the bytes of the answer; without `content` only its head (HEAD).

        `fixed` are the lines of the server's fixed fields.
        """
        status, fields, body = self
        body = body if has_body(status) else b""
        length = b"Content-Length: %d\r\n" % len(body) if has_body(status) else b""
        clock_fields = clock.fields(keep=False)
        head = b"".join((status_line(status), fields, fixed, length, clock_fields, b"\r\n"))
        return head + body if content else head


Refuse = Callable[[HttpError, tuple[str, int]], Refusal | Awaitable[Refusal]]
"""Returns the answer to a malformed request, given its error and the client's address and port.
Must not raise. An awaitable may take `keep_alive_timeout`; then the connection is closed without
an answer."""


def default_refusal(error: HttpError, _peer: tuple[str, int]) -> Refusal:
    """Returns the small page of the error's status."""
    fields = b"Content-Type: text/html; charset=utf-8\r\n"
    return Refusal(error.status, fields, error_page(error.status))


def error_page(status: int) -> bytes:
    """Returns the HTML page of an error that no application answers."""
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
