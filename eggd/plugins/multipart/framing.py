"""The parts in the bytes of a body, without I/O (RFC 2046 section 5.1).

Delimiters are searched here, by functions of C: python-multipart 0.0.5 reads content byte by byte,
which takes 0.1 s for 1 MiB. It gets the delimiters and the header lines (`headers.py`), so that a
byte of a body costs the same whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

from eggd.plugins.multipart.errors import LimitError, malformed
from eggd.plugins.multipart.headers import HeaderReader

PREAMBLE_LIMIT = 64 * 1024
"""Bytes before the first delimiter; clients send no such bytes."""
_PADDING = 256
"""Spaces and tabs behind a delimiter (RFC 2046's transport padding)."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A part begins."""

    headers: Mapping[str, bytes]
    """Its header fields with a meaning, by names in lower case."""


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes of the current part."""

    data: bytes


class End:
    """The current part is complete."""


class Done:
    """The body is complete; all that follows is ignored."""


Event = Begin | Content | End | Done
_Step = Generator[Event, None, bool]
"""Yields events; returns whether the next step can go on with the bytes that are left."""
_END, _DONE = End(), Done()


class Framing:
    """Finds the parts of one body."""

    def __init__(self, boundary: bytes, headers: HeaderReader, header_size: int) -> None:
        """Takes parts whose header lines have fewer than `header_size` bytes."""
        self._delimiter = b"\r\n--" + boundary
        escaped = re.escape(self._delimiter)
        whole = re.compile(rb"%b(?:(--)|[ \t]{0,%d}\r\n)" % (escaped, _PADDING))
        self._search, self._match = whole.search, whole.match
        self._begins = re.compile(rb"%b(?:-|[ \t]{0,%d}\r?)\Z" % (escaped, _PADDING)).search
        self._headers = headers
        self.header_size = header_size
        """Bytes that the header lines of a later part may not reach."""
        # Bytes that are not events yet. The first delimiter needs no CRLF before it.
        self._buffer = b"\r\n"
        # Bytes of the buffer in which no end of header lines is.
        self._searched = 0
        self._preamble = 0
        self._is_in_part = False
        self._step = self._content

    def feed(self, data: bytes) -> Iterator[Event]:
        """Yields the events in further bytes of the body; the caller takes all of them.

        Raises UploadError for malformed bytes, and LimitError for too long header lines.
        """
        self._buffer = self._buffer + data if self._buffer else data
        while (yield from self._step()):
            pass

    def _content(self) -> _Step:
        """Takes content up to the next delimiter, or all but the possible beginning of one."""
        buffer = self._buffer
        at = buffer.find(self._delimiter)
        match = self._match(buffer, at) if at >= 0 else None
        if match is None and at >= 0:  # only resembles a delimiter
            match = self._search(buffer, at + 1)
        end = self._certain(buffer) if match is None else match.start()
        if end:
            data = buffer[:end]
            if self._is_in_part:
                yield Content(data)
            else:
                self._skip(data)
        if match is None:
            self._buffer = buffer[end:]
            return False
        self._buffer = buffer[match.end() :]
        if self._is_in_part:
            yield _END
        if match[1] is not None:
            self._headers.close()
            self._step = self._rest
            yield _DONE
        else:
            self._step, self._searched = self._header_lines, 0
        return True

    def _skip(self, data: bytes) -> None:
        self._preamble += len(data)
        if self._preamble > PREAMBLE_LIMIT:
            raise malformed(f"no boundary in the first {PREAMBLE_LIMIT} bytes")

    def _certain(self, buffer: bytes) -> int:
        """Returns the end of the bytes that cannot belong to a delimiter."""
        longest = len(self._delimiter) + _PADDING + 2
        match = self._begins(buffer, max(len(buffer) - longest, 0))
        if match is not None:
            return match.start()
        at = buffer.rfind(b"\r", max(len(buffer) - len(self._delimiter), 0))
        return at if at >= 0 and self._delimiter.startswith(buffer[at:]) else len(buffer)

    def _header_lines(self) -> _Step:
        """Takes the header lines of a part once they are complete."""
        buffer = self._buffer
        end = -2 if buffer[:2] == b"\r\n" else buffer.find(b"\r\n\r\n", self._searched)
        if (end if end != -1 else len(buffer)) >= self.header_size:
            raise LimitError("headerSize")
        if end == -1:
            self._searched = max(len(buffer) - 3, 0)
            return False
        self._buffer = buffer[end + 4 :]
        self._is_in_part, self._step = True, self._content
        yield Begin(self._headers.read(buffer[: max(end, 0)]))
        return True

    def _rest(self) -> _Step:
        self._buffer = b""
        yield from ()
        return False
