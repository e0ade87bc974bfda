"""The folder of saved files, and the files of requests that are not answered yet.

    2026/11/29/04/8d5c...e1.png    a saved file (process:MP-31)
    .uploading/PID-RANDOM/         locked while the worker lives; it has a link to each file of a
                                   request that is not answered yet

A worker that is killed loses its lock; then the agent removes the files that the links name.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import stat
import tempfile
import threading
import time
import uuid
from pathlib import Path

from eggd import EggError, unit_directory
from eggd.plugins.multipart.filename import stored_extension

OPEN = ".uploading"
"""The folder of links."""
DATED = re.compile(r"\d{4}(?:/\d\d){0,3}").fullmatch
"""The folders of a year, month, day and hour that `Folder.create` makes, below its own."""
SAVED = re.compile(
    r"\d{4}(?:/\d\d){3}/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.[^/]+)?"
).fullmatch
"""The files that `Folder.create` makes, below its own folder; other files are not uploads."""
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def folder_of(base_dir: str, name: str, tmpdir: str) -> Path:
    """Returns the folder of an app, as configured or by default (process:MP-1)."""
    if tmpdir:
        return Path(base_dir, tmpdir)
    if state := unit_directory(os.environ, "STATE_DIRECTORY"):
        return Path(state, "uploads")
    return Path(tempfile.gettempdir(), _default_parent(), name)


class Folder:
    """The folder, for one worker. Its methods wait for the disk: call them in a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        # The worker's own folder of links, and its lock; made with the first file.
        self._links: Path | None = None
        self._descriptor = -1

    def create(self, filename: str) -> tuple[int, Path]:
        """Creates an empty file for a client's file, and returns its descriptor and its path.

        Raises OSError.
        """
        hour = self.path / time.strftime("%Y/%m/%d/%H")
        path = hour / f"{uuid.uuid4()}{stored_extension(filename)}"
        links = self._linked()
        (links / path.name).symlink_to(path)
        while True:
            hour.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                return os.open(path, _FLAGS, 0o600), path
            except FileNotFoundError:
                continue  # the agent has just removed the empty folder

    def release(self, path: Path) -> None:
        """Leaves a saved file to the app: its request is answered."""
        if self._links is not None:
            (self._links / path.name).unlink(missing_ok=True)

    def remove(self, path: Path) -> None:
        """Removes a file, which may be missing. Raises OSError."""
        path.unlink(missing_ok=True)
        self.release(path)

    def close(self) -> None:
        """Removes the worker's own folder of links, if that is empty."""
        if self._links is not None:
            try:
                self._links.rmdir()
            except OSError:
                pass  # the agent removes what is left
            os.close(self._descriptor)
            self._links = None

    def _linked(self) -> Path:
        with self._lock:
            if self._links is None:
                check_owner(self.path)
                while (locked := self._lock_new()) is None:
                    pass  # the agent has removed the new folder before it was locked
                self._links, self._descriptor = locked
            return self._links

    def _lock_new(self) -> tuple[Path, int] | None:
        links = self.path / OPEN / f"{os.getpid()}-{secrets.token_hex(8)}"
        links.mkdir(mode=0o700, parents=True)
        try:
            descriptor = os.open(links, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return links, descriptor
        os.close(descriptor)
        return None


def check_owner(path: Path) -> None:
    """Makes the folder. Raises EggError if it belongs to another user: it may be a trap."""
    if path.parent.name == _default_parent():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check(path.parent)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check(path)


def has_owned(path: Path) -> bool:
    """Returns whether the folder exists. Raises EggError as `check_owner`; it makes no folder."""
    if path.parent.name == _default_parent() and os.path.lexists(path.parent):
        _check(path.parent)
    if not os.path.lexists(path):
        return False
    _check(path)
    return True


def _default_parent() -> str:
    return f"egg-multipart-tmp-{os.geteuid()}"


def _check(path: Path) -> None:
    status = path.lstat()
    writable = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (os.geteuid(), 0) or writable:
        raise EggError(
            f"multipart.tmpdir: {str(path)!r} is not a folder of this user alone",
            hint="set multipart.tmpdir to a folder that others cannot write",
        )
