"""Gives the tree of a release to root, and removes trees.

The service user has written a part of the tree, and may have left a process that still changes it:
so every step is by descriptor, and follows no link.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from eggd.errors import ReleaseError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def own(folder: Path) -> None:
    """Makes root (the caller) the owner of a tree: all may read it, only root may write.

    Raises ReleaseError for a device, a FIFO, or a file with a second name elsewhere.
    """
    fd = os.open(folder, _FOLDER)
    try:
        _own_folder(fd, folder)
    finally:
        os.close(fd)


def remove(folder: Path) -> None:
    """Removes a tree: hides it under another name first, so that no part of it can be used."""
    hidden = folder.with_name(f".removed-{folder.name}")
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        folder.rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def _own_folder(fd: int, path: Path) -> None:
    # First, so that the former owner can add nothing after the directory was read.
    os.fchown(fd, os.geteuid(), os.getegid())
    os.fchmod(fd, 0o755)
    with os.scandir(fd) as items:
        for item in items:
            _own_entry(fd, item, path / item.name)


def _own_entry(parent: int, item: os.DirEntry[str], path: Path) -> None:
    if item.is_symlink():
        os.chown(item.name, os.geteuid(), os.getegid(), dir_fd=parent, follow_symlinks=False)
        return
    is_folder = item.is_dir(follow_symlinks=False)
    fd = os.open(item.name, _FOLDER if is_folder else _FILE, dir_fd=parent)
    try:
        if is_folder:
            _own_folder(fd, path)
        else:
            _own_file(fd, path)
    finally:
        os.close(fd)


def _own_file(fd: int, path: Path) -> None:
    about = os.fstat(fd)
    if not stat.S_ISREG(about.st_mode) or about.st_nlink > 1:
        raise ReleaseError(f"{path}: is not a plain file with one name")
    os.fchown(fd, os.geteuid(), os.getegid())
    os.fchmod(fd, 0o755 if about.st_mode & 0o100 else 0o644)
