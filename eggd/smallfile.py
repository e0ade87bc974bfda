"""Reading a small file that another user may have written: never waits, never reads without end.

A process of eggd or a command of root reads files in directories of a service user or of an app.
Opening a FIFO would wait for a writer, `/dev/zero` has no end, a lease (fcntl(2)) delays an open,
a symbolic link leads to a file that the other user may not read.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path

LIMIT = 1 << 20
"""Bytes that a file may have unless a caller says another number: 1 MiB."""


def read_small(path: Path, limit: int = LIMIT) -> bytes:
    """Return the content of a regular file; symbolic links are followed.

    Raises OSError, whose `strerror` says why: not a regular file, or more than `limit` bytes.
    """
    with _opened(path) as file:
        return _content(file, limit)


def read_own(path: Path, limit: int = LIMIT) -> bytes:
    """Return the content of a file in a directory of one service, which wrote it itself.

    Raises OSError as `open_own` and `read_small` do.
    """
    with open_own(path) as file:
        return _content(file, limit)


def open_own(path: Path) -> io.FileIO:
    """Open a regular file in a directory of one service, which wrote it itself, for reading.

    Raises OSError for a symbolic link, and for a file that belongs neither to the directory's owner
    nor to root or the caller.
    """
    parent = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        file = _opened(path, os.O_NOFOLLOW, parent)
        owner, mine = os.fstat(file.fileno()).st_uid, os.fstat(parent).st_uid
    finally:
        os.close(parent)
    if owner in (mine, 0, os.geteuid()):
        return file
    file.close()
    text = f"belongs to user {owner}, its directory to user {mine}"
    raise OSError(errno.EPERM, text, str(path))


def _opened(path: Path, flags: int = 0, parent: int | None = None) -> io.FileIO:
    flags |= os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    fd = os.open(path if parent is None else path.name, flags, dir_fd=parent)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return io.FileIO(fd)
    os.close(fd)
    raise OSError(errno.EINVAL, "is not a regular file", str(path))


def _content(file: io.FileIO, limit: int) -> bytes:
    """Read to the end, or one byte more than the limit: a file in /proc has no size to ask for."""
    pieces: list[bytes] = []
    left = limit + 1
    while left > 0 and (piece := file.read(min(left, 65536))):
        pieces.append(piece)
        left -= len(piece)
    if not left:
        raise OSError(errno.EFBIG, f"is larger than {limit} bytes")
    return b"".join(pieces)
