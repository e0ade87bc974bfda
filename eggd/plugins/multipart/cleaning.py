"""Removes files of killed workers, and old ones (process:MP-36)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from eggd.plugins.multipart.folder import OPEN


def clean(folder: Path, before: float) -> int:
    """Removes the files of killed workers, those changed `before` a time (seconds since 1970), and
    empty folders; returns how many files.

    A file that cannot be removed is left; raises OSError for a folder that cannot be read.
    """
    if not folder.is_dir():
        return 0
    removed = sum(_orphans(links, folder) for links in _folders(folder / OPEN))
    return removed + sum(_old(each, before) for each in _folders(folder) if each.name != OPEN)


def _orphans(links: Path, folder: Path) -> int:
    """Removes the files of a worker that has lost its lock."""
    try:
        descriptor = os.open(links, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return 0  # its worker has just removed it
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        removed = 0
        for link in links.iterdir():
            file = link.readlink()
            if file.is_relative_to(folder):
                removed += file.exists()
                file.unlink(missing_ok=True)
            link.unlink()
        links.rmdir()
        return removed
    except OSError:  # locked: the worker lives
        return 0
    finally:
        os.close(descriptor)


def _old(folder: Path, before: float) -> int:
    removed = 0
    for root, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(root, name)
            with suppress(OSError):
                if path.lstat().st_mtime < before:
                    path.unlink()
                    removed += 1
        with suppress(OSError):  # not empty
            Path(root).rmdir()
    return removed


def _folders(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (each for each in folder.iterdir() if each.is_dir() and not each.is_symlink())
