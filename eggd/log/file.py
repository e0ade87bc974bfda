"""One log file: lines wait in memory and leave in one append.

All processes of a suite append to the same files without a lock; that holds because each flush is
one write(2) to a descriptor opened with O_APPEND. A file that was renamed or removed under us is
noticed at the next flush, so that a lost message strands nobody on yesterday's file.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Protocol

from eggd.log.flusher import Flusher
from eggd.smallfile import open_append

MODE = 0o640
_LINE_BREAK = 0x0A


class Watch(Protocol):
    """Who hears of a file's troubles."""

    def changed(self, file: LogFile) -> None:
        """`file.degraded` has changed: a reason, or empty again."""

    def rescue(self, file: LogFile, text: str) -> None:
        """`text`, whole lines, could not be written and is not kept."""


class LogFile:
    """Appends lines to `path`; `degraded` says why nothing can be written for now."""

    def __init__(self, path: Path, flusher: Flusher, limit: int, watch: Watch) -> None:
        self.path = path
        self.degraded = ""
        self._name = os.fspath(path)
        self._flusher = flusher
        self._limit = limit
        self._watch = watch
        self._lines: list[str] = []
        self._armed = False
        self._lock = threading.RLock()
        self._fd = -1
        self._inode = (0, 0)
        self._torn = False
        self._closed = False
        flusher.join(self)

    def add(self, line: str) -> None:
        """Takes `line`, its line break included; it is in the file after the next flush."""
        lines = self._lines
        lines.append(line)
        if not self._armed:
            self._armed = True
            self._flusher.wake(self)
        elif len(lines) > self._limit:
            self.flush()

    def flush(self) -> None:
        """Writes what waits. Never raises: see `degraded`."""
        with self._lock:
            text = self._take()
            if text and self._closed:
                self._watch.rescue(self, text)
            elif text:
                known = self.degraded
                self._follow()
                lost = self._write(text)
                if lost and not known:
                    self._watch.rescue(self, lost)

    def reload(self) -> None:
        """Writes what waits to the old descriptor, then open the file by its name again."""
        with self._lock:
            if not self._closed:
                lost = self._write(self._take())
                self._open()
                if lost:
                    self._write(lost)

    def close(self) -> None:
        """Writes what waits and closes; a line that still comes is rescued."""
        with self._lock:
            self.flush()
            self._closed = True
            self._shut()

    def forget(self) -> None:
        """In a forked child: drop the lines that the parent is going to write."""
        self._lines.clear()
        self._armed = False
        self._lock = threading.RLock()

    def open(self) -> None:
        """Opens the file, making it and its directory where missing; failure is `degraded`."""
        with self._lock:
            self._open()

    def _take(self) -> str:
        self._armed = False  # first: a line added from here on wakes the flusher again
        count = len(self._lines)
        batch = self._lines[:count]  # append, slice and del are atomic; a swap would lose lines
        del self._lines[:count]
        return "".join(batch)

    def _follow(self) -> None:
        """Opens the file again if its name means another file by now."""
        try:
            if self._fd >= 0 and _identity(os.stat(self._name)) == self._inode:
                return
        except OSError:
            pass  # opening it says what is wrong
        self._open()

    def _open(self) -> None:
        self._shut()
        try:
            self._fd = _open(self.path)
            self._inode = _identity(os.fstat(self._fd))
        except OSError as exc:
            self._degrade(exc)
            return
        self._torn = False
        self._degrade(None)

    def _write(self, text: str) -> str:
        """Appends `text`, in one write if the disk lets us; return what is lost, if anything."""
        if self._fd < 0 or not text:
            return text
        whole = ("\n" if self._torn else "") + text
        data = memoryview(whole.encode(errors="backslashreplace"))
        try:
            while data:
                written = os.write(self._fd, data)
                self._torn = data[written - 1] != _LINE_BREAK
                data = data[written:]
        except OSError as exc:
            self._failed(exc)
            return bytes(data).decode(errors="replace")
        self._degrade(None)
        return ""

    def _failed(self, exc: OSError) -> None:
        torn = self._torn
        self._degrade(exc)
        self._shut()
        try:  # a fresh descriptor takes the next lines (LOG-63)
            self._fd = _open(self.path)
            self._inode = _identity(os.fstat(self._fd))
        except OSError:
            pass  # the next flush tries again
        self._torn = torn

    def _degrade(self, exc: OSError | None) -> None:
        reason = f"cannot write {self._name}: {exc.strerror}" if exc else ""
        if reason != self.degraded:
            self.degraded = reason
            self._watch.changed(self)

    def _shut(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _open(path: Path) -> int:
    try:
        return open_append(path, MODE)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    return open_append(path, MODE)
