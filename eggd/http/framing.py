"""Finds the end of a request body, without I/O (RFC 9112 sections 6 and 7).

`feed` takes bytes as they arrive and returns the payload in them; once `done`, `rest` holds the
bytes after the body: the next request.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from eggd.errors import HttpError

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
_EXTENSION = rb"[ \t]*;[ \t]*%b++(?:[ \t]*=[ \t]*(?:%b++|%b))?" % (_TOKEN, _TOKEN, _QUOTED)
_size_line = re.compile(rb"([0-9A-Fa-f]{1,15})(?:%b)*\r\n" % _EXTENSION).fullmatch
_plain_size_line = re.compile(rb"([0-9A-Fa-f]{1,15})\r\n").match
_trailer_line = re.compile(rb"%b++:[\t -~\x80-\xff]*+\r\n" % _TOKEN).fullmatch

_LINE_LIMIT = 1024
_EXTRA_LIMIT = 8192
"""Bytes of chunk extensions and trailers in one body; nothing reads them, so the limit is small."""


class LengthFraming:
    """A body with a Content-Length."""

    __slots__ = ("done", "remaining", "rest")

    def __init__(self, length: int) -> None:
        self.remaining: int | None = length
        self.done = length == 0
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """Returns the payload in `data`."""
        remaining = self.remaining or 0
        if len(data) < remaining:
            self.remaining = remaining - len(data)
            return data
        self.remaining = 0
        self.done = True
        self.rest = data[remaining:]
        return data[:remaining]


class ChunkedFraming:
    """A body in chunks; extensions and trailers are checked and dropped."""

    __slots__ = ("_at", "_buffer", "_extra", "_left", "_step", "done", "remaining", "rest")

    def __init__(self) -> None:
        self.remaining: int | None = None
        self.done = False
        self.rest = b""
        # Received bytes; those before `_at` are processed.
        self._buffer = b""
        self._at = 0
        # Bytes of extensions and trailers so far.
        self._extra = 0
        # Bytes of the current chunk that are still to come.
        self._left = 0
        # Reads the next element. A plain function: a bound method would be a reference cycle.
        self._step: _Step = ChunkedFraming._size

    def feed(self, data: bytes) -> bytes:
        """Returns the payload in `data`; raises HttpError 400 for malformed framing, 431 for too
        long trailers or extensions."""
        self._buffer = self._buffer[self._at :] + data
        self._at = 0
        payload: list[bytes] = []
        while not self.done and self._step(self, payload):
            pass
        return payload[0] if len(payload) == 1 else b"".join(payload)

    def _size(self, payload: list[bytes]) -> bool:
        self._whole_chunks(payload)
        line = self._line()
        if not line:
            return False
        match = _size_line(line)
        if match is None:
            raise HttpError(400, f"bad chunk size line {line[:80]!r}")
        self._count(len(line) - len(match[1]) - 2)
        self._left = int(match[1], 16)
        self._step = ChunkedFraming._data if self._left else ChunkedFraming._trailer
        return True

    def _whole_chunks(self, payload: list[bytes]) -> None:
        """Takes complete chunks without extensions in a fast loop, so that tiny chunks cost
        little."""
        buffer, at = self._buffer, self._at
        while (line := _plain_size_line(buffer, at)) is not None:
            start = line.end()
            end = start + int(line[1], 16)
            if end == start or buffer[end : end + 2] != b"\r\n":
                break
            payload.append(buffer[start:end])
            at = end + 2
        self._at = at

    def _data(self, payload: list[bytes]) -> bool:
        part = self._buffer[self._at : self._at + self._left]
        if not part:
            return False
        payload.append(part)
        self._at += len(part)
        self._left -= len(part)
        if self._left == 0:
            self._step = ChunkedFraming._data_end
        return True

    def _data_end(self, _payload: list[bytes]) -> bool:
        end = self._buffer[self._at : self._at + 2]
        if end != b"\r\n"[: len(end)]:
            raise HttpError(400, f"{end!r} in place of the CRLF after a chunk")
        if len(end) < 2:
            return False
        self._at += 2
        self._step = ChunkedFraming._size
        return True

    def _trailer(self, _payload: list[bytes]) -> bool:
        line = self._line()
        if not line:
            return False
        if line == b"\r\n":
            self.done = True
            self.rest = self._buffer[self._at :]
            return False
        if not _trailer_line(line):
            raise HttpError(400, f"bad trailer line {line[:80]!r}")
        self._count(len(line))
        return True

    def _line(self) -> bytes:
        """Removes and returns one line of the buffer, b"" if it is incomplete."""
        end = self._buffer.find(b"\n", self._at) + 1
        length = (end or len(self._buffer)) - self._at
        if length > _LINE_LIMIT:
            raise HttpError(431, f"a line of more than {_LINE_LIMIT} bytes inside the body")
        if not end:
            return b""
        line = self._buffer[self._at : end]
        self._at = end
        return line

    def _count(self, size: int) -> None:
        self._extra += size
        if self._extra > _EXTRA_LIMIT:
            raise HttpError(431, f"more than {_EXTRA_LIMIT} bytes of trailers and extensions")


Framing = LengthFraming | ChunkedFraming
_Step = Callable[[ChunkedFraming, list[bytes]], bool]
