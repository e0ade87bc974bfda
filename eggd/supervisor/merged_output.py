"""Writes the output lines of all processes, each with its time and process.

A `<N>` at the beginning of a line is the line's priority (sd-daemon(3)). Lines of priority 0 to 3
(error and worse) go to `err`, all others to `out`. A line is lost if the reader of a pipe does not
read it in time, or if it cannot be written (full disk, closed pipe); the next line that can be
written is preceded by one with the number of lost lines and the cause.
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
SUPERVISOR = "egg-master"
"""The identifier in the supervisor's own lines."""
WRITE_TIMEOUT_MS = 1000
"""Milliseconds to wait for a full pipe; after one timeout, later lines do not wait until the pipe
is writable again."""

_PREFIX = re.compile(r"<([0-7])>")
_PIECE = select.PIPE_BUF
_COLOURS = {0: "\x1b[31m", 1: "\x1b[31m", 2: "\x1b[31m", 3: "\x1b[31m", 4: "\x1b[33m", 7: "\x1b[2m"}


class MergedOutput:
    """Writes the lines of all processes; `colour` marks priorities.

    `files` maps a descriptor that is a log file to its path, for `reopen`. Lines of the supervisor
    itself with a number above `own` (sd-daemon(3)) are dropped.
    """

    def __init__(
        self,
        out: int = 1,
        err: int | None = None,
        *,
        colour: bool = False,
        files: Mapping[int, Path] = MappingProxyType({}),
        own: int = DEBUG,
    ) -> None:
        self._out = _LineWriter(out)
        self._err = self._out if err is None or err == out else _LineWriter(err)
        self._files = files
        self._colour = colour
        self._own = own

    def write_line(self, identifier: str, pid: int, text: str, priority: int = INFO) -> None:
        """Writes one line of a process; a `<N>` at its beginning overrides `priority`."""
        text, priority = split_priority(text, priority)
        if identifier == SUPERVISOR and priority > self._own:
            return
        writer = self._err if priority <= ERR else self._out
        if writer.lost:
            report = f"output lines lost: {writer.lost} ({writer.cause})"
            if not writer.write_report(self._line(SUPERVISOR, os.getpid(), report, WARNING)):
                return
        writer.write(self._line(identifier, pid, text, priority))

    def reopen(self) -> None:
        """Reopens files that are no longer at their paths.

        They are moved by a log rotation, or removed with an old release. If a new file cannot be
        opened, the old one stays in use.
        """
        for fd, path in self._files.items():
            if not _is_at(path, fd):
                with suppress(FileError):
                    new = open_log_file(path)
                    os.dup2(new, fd, inheritable=False)
                    os.close(new)

    def _line(self, identifier: str, pid: int, text: str, priority: int) -> bytes:
        text = visible(text).replace("\n", "\\n")
        if self._colour and priority in _COLOURS:
            text = f"{_COLOURS[priority]}{text}\x1b[0m"
        return f"{timestamp(time.time_ns())} {identifier}[{pid}]: {text}\n".encode()


class _LineWriter:
    """Writes lines to one descriptor and counts the lines that are lost."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.lost = 0
        """Lines lost since the last report."""
        self.cause = ""
        """Why the last of them was lost."""
        self._timed_out = False
        """True after a write timed out; the next lines are then written at once or lost."""
        self._is_line_open = False
        """True if only the beginning of the last line was written."""

    def write(self, line: bytes) -> bool:
        """Writes a line and returns True, or counts it as lost."""
        data = b"\n" + line if self._is_line_open else line
        try:
            while data:
                self._wait()
                data = data[os.write(self._fd, data[:_PIECE]) :]
                self._is_line_open = bool(data)
        except OSError as exc:
            self.lost += 1
            self.cause = exc.strerror or str(exc)
        return not data

    def write_report(self, line: bytes) -> bool:
        """Reports the lost lines; on failure counts the line after the report as lost, too."""
        if self.write(line):
            self.lost = 0
        return not self.lost

    def _wait(self) -> None:
        poll = select.poll()
        poll.register(self._fd, select.POLLOUT)
        self._timed_out = not poll.poll(0 if self._timed_out else WRITE_TIMEOUT_MS)
        if self._timed_out:
            raise TimeoutError(0, "the reader of the pipe does not read")


def timestamp(nanoseconds: int) -> str:
    """Returns local time for nanoseconds since the epoch: `2026-01-31 22:13:20.999`."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(seconds))}.{rest // 1_000_000:03d}"


def _is_device(path: Path) -> bool:
    """Returns whether `path` is in /dev, or is a link into /dev made by this user or root."""
    if path.is_relative_to("/dev"):
        return True
    trusted = path.is_symlink() and path.lstat().st_uid in (0, os.geteuid())
    return trusted and path.readlink().is_relative_to("/dev")


def _is_at(path: Path, fd: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(fd))
    except OSError:
        return False


def split_priority(text: str, priority: int = INFO) -> tuple[str, int]:
    """Returns a line without its `<N>`, and its priority; without `<N>`, the given priority."""
    prefix = _PREFIX.match(text)
    return (text[prefix.end() :], int(prefix[1])) if prefix else (text, priority)


def open_log_file(path: Path) -> int:
    """Opens a new file for lines, creates its folder, and renames an existing file (SCR-6).

    Raises FileError if the path is a link, except a link to a device such as `/dev/stdout`, or if
    the file cannot be opened.
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
