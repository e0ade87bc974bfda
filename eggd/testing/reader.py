"""One response, read as its bytes arrive (RFC 9112): as strict as the server is with requests."""

from __future__ import annotations

import re

from eggd.errors import HttpError
from eggd.http.framing import ChunkedFraming, Framing, LengthFraming

_status_line = re.compile(rb"HTTP/1\.1 ([1-9][0-9]{2}) [\t -~\x80-\xff]*+\r\n").match
_field = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]++):([\t -~\x80-\xff]*+)\r\n").match
_NO_CONTENT = (101, 204, 304)


class ResponseReader:
    """Reads the final response to one request; interim responses (1xx) are skipped."""

    def __init__(self, method: str) -> None:
        """Expects the response to a request of this method: to HEAD it has no content."""
        self.status = 0
        """The status code once the head is complete, before that 0."""
        self.fields: list[tuple[str, str]] = []
        """The header fields, in the order sent."""
        self.complete = False
        """Whether the whole response has arrived."""
        self._method = method
        # A part of a head.
        self._received = b""
        self._framing: Framing = LengthFraming(0)

    def feed(self, data: bytes) -> bytes:
        """Returns the content in `data`; raises HttpError 502 for a malformed head, and as
        `ChunkedFraming.feed` does."""
        while not self.status:
            head, end, data = (self._received + data).partition(b"\r\n\r\n")
            if not end:
                self._received = head
                return b""
            self._received = b""
            self._begin(head + b"\r\n")
        if self.complete:
            return b""
        content = self._framing.feed(data)
        self.complete = self._framing.done
        return content

    def _begin(self, head: bytes) -> None:
        line = _status_line(head)
        if line is None:
            raise HttpError(502, f"bad status line {head[:80]!r}")
        fields, at = [], line.end()
        while (field := _field(head, at)) is not None:
            fields.append((field[1].decode(), field[2].strip(b" \t").decode("latin-1")))
            at = field.end()
        if at < len(head):
            raise HttpError(502, f"bad header line {head[at : at + 80]!r}")
        status = int(line[1])
        if status >= 200 or status == 101:
            self.status, self.fields = status, fields
            self._framing = self._framing_of(dict(fields))
            self.complete = self._framing.done

    def _framing_of(self, fields: dict[str, str]) -> Framing:
        """Returns the framing of the content (RFC 9112 section 6.3), as eggd sends it."""
        if self._method == "HEAD" or self.status in _NO_CONTENT:
            return LengthFraming(0)
        if fields.get("Transfer-Encoding") == "chunked":
            return ChunkedFraming()
        length = fields.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise HttpError(502, "neither Content-Length nor Transfer-Encoding: chunked")
        return LengthFraming(int(length))
