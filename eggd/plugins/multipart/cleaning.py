"""Removes files of killed workers, and old ones (process:MP-36)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from eggd.plugins.multipart.folder import DATED, OPEN, SAVED, has_owned


def clean(folder: Path, before: float) -> int:
    """Removes the files of killed workers, those changed `before` a time (seconds since 1970), and
    empty folders; returns how many files. Other files and folders than a worker makes are left.

    A file that cannot be removed is left; raises OSError for a folder that cannot be read, and
    EggError for one that another user owns or can write: it may be a trap.
    """
    if not has_owned(folder):
        return 0
    removed = sum(_orphans(links, folder) for links in _folders(folder / OPEN))
    return removed + _old(folder, before)


def _orphans(links: Path, folder: Path) -> int:
    """Removes the files of a worker that has lost its lock."""
    try:
        descriptor = os.open(links, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return 0  # its worker has just removed it
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        removed = sum(_orphan(link, folder) for link in list(links.iterdir()))
        with suppress(OSError):  # a link could not be removed
            links.rmdir()
        return removed
    except BlockingIOError:  # locked: the worker lives
        return 0
    finally:
        os.close(descriptor)


def _orphan(link: Path, folder: Path) -> bool:
    """Removes a link and its file; the target decides nothing unless it names a saved file."""
    removed = False
    with suppress(OSError):
        file = link.readlink()
        if file.is_relative_to(folder) and SAVED(file.relative_to(folder).as_posix()):
            removed = file.exists()
            file.unlink(missing_ok=True)
        link.unlink()
    return removed


def _old(folder: Path, before: float) -> int:
    removed = 0
    for root, names in _dated(folder):
        for name in names:
            path = root / name
            with suppress(OSError):
                if path.lstat().st_mtime < before:
                    path.unlink()
                    removed += 1
        with suppress(OSError):  # not empty
            root.rmdir()
    return removed


def _dated(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yields the folders of hours, days, months and years, with the names of their saved files."""
    folders = list[tuple[Path, list[str]]]()
    for root, below, names in os.walk(folder):
        at = Path(root).relative_to(folder)
        below[:] = [name for name in below if DATED((at / name).as_posix())]
        folders.append((Path(root), [name for name in names if SAVED((at / name).as_posix())]))
    yield from reversed(folders[1:])


def _folders(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (each for each in folder.iterdir() if each.is_dir() and not each.is_symlink())
