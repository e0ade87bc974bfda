"""One log file: lines are collected in memory and written in one append.

All processes of a suite append to the same files without a lock: each flush is one write(2) to a
descriptor opened with O_APPEND. Each flush checks whether the file was renamed or removed, so that
rotation works even if the message to reload is lost.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from eggd.log.batch import join
from eggd.log.flusher import Flusher
from eggd.smallfile import open_append

MODE = 0o640
ROOM = 1024 * 1024
"""Free bytes from which a full disk counts as usable again, or a 20th of a small one: otherwise
each file that is removed would fill up, and be reported, again and again."""
_LINE_BREAK = 0x0A


class FileOwner(Protocol):
    """Receives the problems of a log file."""

    def changed(self, file: LogFile) -> None:
        """Reports a change of `file.degraded`."""

    def rescue(self, file: LogFile, text: str) -> None:
        """Takes whole lines that could not be written and are not kept."""


class LogFile:
    """Appends lines to `path`; `degraded` is the reason while it cannot be written, else ""."""

    def __init__(
        self,
        path: Path,
        flusher: Flusher,
        limit: int,
        owner: FileOwner,
        encoding: str = "utf-8",
    ) -> None:
        self.path = path
        self.degraded = ""
        self.missing = 0
        """The lines that are not in the file since it cannot be written."""
        self._encoding = encoding
        # The disk was full: wait for room.
        self._full = False
        self._name = os.fspath(path)
        self._flusher = flusher
        self.limit = limit
        """The most lines that wait."""
        self._owner = owner
        self.lines: list[str] = []
        """The collected lines, without their line breaks."""
        self.is_awaited: Callable[[], bool] = _never
        """Returns whether a flush is due: the flusher knows that lines wait, and its loop runs."""
        # Whether the flusher knows that lines wait.
        self._is_armed = False
        # Held while the descriptor is used: threads and signal handlers log, too.
        self._lock = threading.RLock()
        # -1 while the file is closed or cannot be opened.
        self._fd = -1
        # Device and inode of the open file, to notice that it was renamed.
        self._inode = (0, 0)
        # The last write ended within a line.
        self._torn = False
        self._closed = False
        flusher.join(self)

    def add(self, line: str) -> None:
        """Collects a line without its line break for the next flush, which masks and escapes it.

        Line breaks in it are kept.
        """
        self.lines.append(line)
        if len(self.lines) > self.limit or not self.is_awaited():
            self.collected()

    def collected(self) -> None:
        """Ensures that the lines, to which the caller has added one, are flushed in time."""
        if self._is_armed:
            self.flush()
            return
        self._is_armed = True
        self._flusher.wake(self)
        self.is_awaited = self._flusher.is_running
        if not self._is_armed:  # flushed meanwhile, maybe by another thread
            self.is_awaited = _never

    def flush(self) -> None:
        """Writes the collected lines; never raises, see `degraded`."""
        with self._lock:
            text = self._take()
            if text and self._closed:
                self._owner.rescue(self, text)
            elif text:
                known = self.degraded
                self._follow()
                lost = self._write(text)
                if lost and not known:
                    self._owner.rescue(self, lost)

    def reload(self) -> None:
        """Writes the collected lines to the old file, then opens the file by its name again."""
        with self._lock:
            if not self._closed:
                lost = self._write(self._take())
                self._open()
                if lost:
                    self.missing -= lost.count("\n")
                    self._write(lost)

    def close(self) -> None:
        """Writes the collected lines and closes the file; later lines go to `FileOwner.rescue`."""
        with self._lock:
            self.flush()
            self._closed = True
            self._shut()

    def forget(self) -> None:
        """Drops the collected lines in a forked child: the parent writes them."""
        self.lines.clear()
        self._disarm()
        self._lock = threading.RLock()

    @property
    def waiting(self) -> bool:
        """Whether lines wait for the next flush."""
        return bool(self.lines)

    def open(self) -> None:
        """Opens the file; creates it and its directory if missing. A failure sets `degraded`."""
        with self._lock:
            self._open()

    def recover(self) -> None:
        """Ends `degraded`, without a line to write, once the file can be opened or has room.

        After any other error only a line that was written shows that the file can be written.
        """
        with self._lock:
            if not self.degraded or self._closed:
                return
            if self._fd < 0:
                self._open()
            if self._full and self._fd >= 0 and _has_room(self._fd):
                self._full = False
                self._degrade(None)

    def _take(self) -> str:
        self._disarm()  # first: a line added from here on wakes the flusher again
        count = len(self.lines)
        batch = self.lines[:count]  # append, slice and del are atomic; a swap would lose lines
        del self.lines[:count]
        return join(batch) if batch else ""

    def _disarm(self) -> None:
        self._is_armed = False
        self.is_awaited = _never

    def _follow(self) -> None:
        """Opens the file again if its name leads to another file now."""
        try:
            if self._fd >= 0 and _identity(os.stat(self._name)) == self._inode:
                return
        except OSError:
            pass  # opening it reports the reason
        self._open()

    def _open(self) -> None:
        error = self._reopen()
        if error is None:
            self._torn = False
        if error is not None or not self._full:
            self._degrade(error)

    def _reopen(self) -> OSError | None:
        """Replaces the descriptor by a fresh one; returns the error, if any."""
        self._shut()
        try:
            self._fd = _open(self.path)
            self._inode = _identity(os.fstat(self._fd))
        except OSError as exc:
            return exc
        return None

    def _write(self, text: str) -> str:
        """Appends `text` in one write if possible; returns the part that was not written."""
        if self._fd < 0 or not text or (self._full and not _has_room(self._fd)):
            self.missing += text.count("\n")
            return text
        end_of_torn = b"\n" if self._torn else b""
        data = end_of_torn + text.encode(self._encoding, "backslashreplace")
        done = 0
        try:
            while done < len(data):
                done += os.write(self._fd, memoryview(data)[done:])
                self._torn = data[done - 1] != _LINE_BREAK
        except OSError as exc:
            # A line of which the file has a part is lost as a whole.
            start = max(data.rfind(b"\n", 0, done) + 1, len(end_of_torn))
            lost = data[start:].decode(self._encoding, "replace")
            self.missing += lost.count("\n")
            self._full = exc.errno in (errno.ENOSPC, errno.EDQUOT)
            self._degrade(exc)
            self._reopen()  # the next lines use a fresh descriptor (process:LOG-63)
            return lost
        self._full = False
        self._degrade(None)
        return ""

    def _degrade(self, exc: OSError | None) -> None:
        reason = f"cannot write {self._name}: {exc.strerror}" if exc else ""
        if reason != self.degraded:
            self.degraded = reason
            self._owner.changed(self)
            if not reason:
                self.missing = 0

    def _shut(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _never() -> bool:
    return False


def _has_room(fd: int) -> bool:
    """Returns whether the file's disk has room for more than a few lines."""
    try:
        disk = os.fstatvfs(fd)
    except OSError:
        return True
    return disk.f_bavail * disk.f_frsize >= min(ROOM, disk.f_blocks * disk.f_frsize // 20)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _open(path: Path) -> int:
    try:
        return open_append(path, MODE)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    return open_append(path, MODE)
