"""Pieces of an open file, with text between them, as a file: ranges, and a file as it was opened.

A file that grows while it is sent is sent to the length that its response has promised. One that
shrinks ends early: then the connection is dropped, so that the client notices (known:KW-63).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

from eggd.wire.ranges import ByteRange


class OpenFile(Protocol):
    """A regular file, as `open(path, "rb")` returns it."""

    def fileno(self) -> int:
        """Returns the descriptor."""
        ...

    def close(self) -> None:
        """Closes the descriptor."""


class FilePieces:
    """A body that is read in threads; closing it closes the file."""

    def __init__(self, file: OpenFile, pieces: Sequence[ByteRange | bytes]) -> None:
        """Reads the pieces in their order; bytes are themselves."""
        self._file = file
        self._pieces = list(pieces)

    def fileno(self) -> int:
        """Returns the descriptor of the file."""
        return self._file.fileno()

    def take(self) -> Sequence[ByteRange | bytes]:
        """Returns the pieces that are left, for a sender that reads them itself."""
        pieces, self._pieces = self._pieces, []
        return pieces

    def add(self, piece: ByteRange) -> None:
        """Adds a piece."""
        self._pieces.append(piece)

    @property
    def length(self) -> int:
        """The bytes that are left to read."""
        return sum(
            len(each) if isinstance(each, bytes) else each.end - each.start for each in self._pieces
        )

    def read(self, size: int) -> bytes:
        """Returns up to `size` bytes; text between ranges is returned whole. b"" is the end."""
        while self._pieces:
            piece = self._pieces[0]
            if isinstance(piece, bytes):
                del self._pieces[0]
                return piece
            if piece.start < piece.end:
                return self._read(piece, size)
            del self._pieces[0]
        return b""

    def _read(self, piece: ByteRange, size: int) -> bytes:
        count = min(size, piece.end - piece.start)
        data = os.pread(self._file.fileno(), count, piece.start)
        if data:
            self._pieces[0] = ByteRange(piece.start + len(data), piece.end)
        else:  # the file is shorter now
            self._pieces.clear()
        return data

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
