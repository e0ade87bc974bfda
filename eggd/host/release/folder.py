"""The files of a folder, as the entries of a release."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from eggd.errors import ReleaseError
from eggd.host.release.entries import AT_TOP, EVERYWHERE, Entry, Kind, Parts


def entries(folder: Path) -> Iterator[Entry]:
    """Yields the files below a folder, without those that are left out; follows no link.

    Raises ReleaseError for a device, a FIFO or a socket, OSError for an unreadable file.
    """
    yield from _below(folder, ())


def _below(folder: Path, above: Parts) -> Iterator[Entry]:
    left_out = EVERYWHERE if above else EVERYWHERE | AT_TOP
    with os.scandir(folder) as unsorted:
        items = sorted(unsorted, key=lambda each: each.name)
    for item in items:
        if item.name in left_out:
            continue
        parts = (*above, item.name)
        if item.is_dir(follow_symlinks=False):
            yield Entry(parts=parts, kind=Kind.FOLDER)
            yield from _below(folder / item.name, parts)
        else:
            yield _entry(folder / item.name, parts)


def _entry(path: Path, parts: Parts) -> Entry:
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return Entry(parts=parts, kind=Kind.LINK, target=os.readlink(path))
    if not stat.S_ISREG(mode):
        raise ReleaseError(f"{path}: is neither a file, a directory nor a link")
    executable = bool(mode & 0o100)
    return Entry(parts=parts, kind=Kind.FILE, executable=executable, open=lambda: _open(path))


def _open(path: Path) -> IO[bytes]:
    """Opens a file that its owner may have replaced meanwhile, also by a link or a FIFO."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise ReleaseError(f"{path}: was replaced while it was read")
    return open(fd, "rb")
