"""Writes the lines of all processes, each with time and process; a `<N>` prefix is its priority.

Errors (sd-daemon(3), priority 3 and below) go to the second of two descriptors. Lines are lost, and
counted, if the reader of a pipe does not read them.
"""

from __future__ import annotations

import os
import re
import select
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from eggd.errors import FileError
from eggd.smallfile import open_append
from eggd.wire.terminal import visible

ERR, WARNING, NOTICE, INFO, DEBUG = 3, 4, 5, 6, 7
PATIENCE = 1000
"""Milliseconds that a first line waits for its reader."""

_PREFIX = re.compile(r"<([0-7])>")
_PIECE = select.PIPE_BUF
_COLOURS = {0: "\x1b[31m", 1: "\x1b[31m", 2: "\x1b[31m", 3: "\x1b[31m", 4: "\x1b[33m", 7: "\x1b[2m"}


class Journal:
    """Writes entries as lines; `colour` marks priorities, `files` has the path of a descriptor."""

    def __init__(
        self,
        out: int = 1,
        err: int | None = None,
        *,
        colour: bool = False,
        files: Mapping[int, Path] = MappingProxyType({}),
    ) -> None:
        self._out = out
        self._err = out if err is None else err
        self._files = files
        self._colour = colour
        # Whether the reader did not read in time: then further lines do not wait for it.
        self._stuck = False
        self.lost = 0

    def entry(self, identifier: str, pid: int, text: str, priority: int = INFO) -> None:
        """Writes one line of a process; a `<N>` at its beginning overrides `priority`."""
        text, priority = split(text, priority)
        now = time.time()
        when = f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(now))}.{now % 1 * 1000:03.0f}"
        text = visible(text).replace("\n", "\\n")
        if self._colour and priority in _COLOURS:
            text = f"{_COLOURS[priority]}{text}\x1b[0m"
        line = f"{when[:23]} {identifier}[{pid}]: {text}\n"
        self._write(self._err if priority <= ERR else self._out, line.encode())

    def reopen(self) -> None:
        """Reopens files that are no longer at their paths.

        They are moved by a log rotation, or removed with an old release. If a new file cannot be
        opened, the old one stays in use.
        """
        for fd, path in self._files.items():
            if not _is_at(path, fd):
                with suppress(FileError):
                    new = opened(path)
                    os.dup2(new, fd, inheritable=False)
                    os.close(new)

    def _write(self, fd: int, data: bytes) -> None:
        for start in range(0, len(data), _PIECE):
            if not self._writable(fd):
                self.lost += 1
                return
            try:
                os.write(fd, data[start : start + _PIECE])
            except OSError:
                return  # the reader has closed the pipe

    def _writable(self, fd: int) -> bool:
        poll = select.poll()
        poll.register(fd, select.POLLOUT)
        ready = bool(poll.poll(0 if self._stuck else PATIENCE))
        self._stuck = not ready
        return ready


def _is_device(path: Path) -> bool:
    """Whether it is in /dev, or a link into /dev made by this user or root."""
    if path.is_relative_to("/dev"):
        return True
    trusted = path.is_symlink() and path.lstat().st_uid in (0, os.geteuid())
    return trusted and path.readlink().is_relative_to("/dev")


def _is_at(path: Path, fd: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(fd))
    except OSError:
        return False


def split(text: str, priority: int = INFO) -> tuple[str, int]:
    """Returns a line without its `<N>`, and its priority."""
    prefix = _PREFIX.match(text)
    return (text[prefix.end() :], int(prefix[1])) if prefix else (text, priority)


def opened(path: Path) -> int:
    """Opens a file for a journal, creates its folder, and renames an existing file first (SCR-6).

    Follows only a link to a device (`/dev/stdout`); raises FileError for any other.
    """
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        device = _is_device(path)
        if path.is_symlink() and not device:
            raise OSError(0, "is a link; name the file itself")
        if path.is_file() and not device:
            path.rename(f"{path}.{time.strftime('%Y%m%d.%H%M%S')}")
        return open_append(path, 0o640)
    except OSError as exc:
        raise FileError(f"{path}: {exc.strerror}") from exc
