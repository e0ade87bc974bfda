"""Reads and appends to files in directories that another user may write to.

A process of eggd, or a command of root, uses files in directories of a service user or an app.
There, opening a FIFO would block, `/dev/zero` never ends, a lease (fcntl(2)) delays an open, and a
symbolic link may lead to a file that the other user cannot access.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from contextlib import suppress
from pathlib import Path

LIMIT = 1 << 20
"""The default of `limit`: 1 MiB."""


def read_small(path: Path, limit: int = LIMIT) -> bytes:
    """Returns the content of a regular file; symbolic links are followed.

    Raises OSError; its `strerror` is the reason, also if the file is not regular or larger than
    `limit` bytes.
    """
    with _open(path) as file:
        return _content(file, limit)


def read_own(path: Path, limit: int = LIMIT) -> bytes:
    """Returns the content of a file that a service wrote into its own directory.

    Raises OSError as `open_own` and `read_small` do.
    """
    with open_own(path) as file:
        return _content(file, limit)


def open_own(path: Path) -> io.FileIO:
    """Opens a regular file that a service wrote into its own directory, for reading.

    Raises OSError for a symbolic link, and for a file that belongs to another user than the owner
    of the directory, root or the caller.
    """
    parent = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        file = _open(path, os.O_NOFOLLOW, parent)
        owner, mine = os.fstat(file.fileno()).st_uid, os.fstat(parent).st_uid
    finally:
        os.close(parent)
    if owner in (mine, 0, os.geteuid()):
        return file
    file.close()
    text = f"belongs to user {owner}, but its directory to user {mine}"
    raise OSError(errno.EPERM, text, str(path))


def open_append(path: Path, mode: int) -> int:
    """Opens a log file for appending, creating it with `mode`; returns its descriptor.

    A symbolic link (to `/dev/stdout`) is followed only if root or the caller created it. Raises
    OSError for other links, and for a FIFO without a reader.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
    if (owner := _link_owner(path)) is None:
        flags |= os.O_NOFOLLOW
    elif owner not in (0, os.geteuid()):
        raise OSError(errno.ELOOP, f"is a symbolic link of user {owner}", str(path))
    try:
        fd = os.open(path, flags)
    except FileNotFoundError:
        fd = os.open(path, flags | os.O_CREAT, mode)
        with suppress(PermissionError):  # another user has replaced it by a link
            os.fchmod(fd, mode)  # the umask would remove the group's read permission
    os.set_blocking(fd, True)
    return fd


def _link_owner(path: Path) -> int | None:
    try:
        about = os.lstat(path)
    except OSError:
        return None
    return about.st_uid if stat.S_ISLNK(about.st_mode) else None


def _open(path: Path, flags: int = 0, parent: int | None = None) -> io.FileIO:
    flags |= os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    fd = os.open(path if parent is None else path.name, flags, dir_fd=parent)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return io.FileIO(fd)
    os.close(fd)
    raise OSError(errno.EINVAL, "is not a regular file", str(path))


def _content(file: io.FileIO, limit: int) -> bytes:
    """Reads to the end, or one byte beyond the limit: a file in /proc has no size in its inode."""
    pieces: list[bytes] = []
    left = limit + 1
    while left > 0 and (piece := file.read(min(left, 65536))):
        pieces.append(piece)
        left -= len(piece)
    if not left:
        raise OSError(errno.EFBIG, f"is larger than {limit} bytes")
    return b"".join(pieces)
