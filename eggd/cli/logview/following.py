"""New entries of the logs of a folder, also after a rotation and of files that appear later."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from eggd.cli.logview.entry import Entry, Parser
from eggd.cli.logview.folder import LogFiles, LogPath, log_files
from eggd.cli.logview.journal import JournalTail
from eggd.cli.logview.merging import Once
from eggd.cli.logview.reading import EntryBuilder, Offsets
from eggd.cli.logview.window import SECONDS, Window

KEPT = 60.0
"""Seconds for which a renamed file is read on: a process that was stopped may still write to it."""
_MOST_KEPT = 16
"""Renamed files of a log that are read on."""
_CHUNK = 1 << 22
"""Bytes of one file that are read at once."""


class Tail:
    """The lines that are appended to one open file."""

    def __init__(self, file: LogPath, name: str, start: int) -> None:
        """Raises OSError."""
        self._fd = os.open(file.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        self.inode = os.fstat(self._fd).st_ino
        os.lseek(self._fd, start, os.SEEK_SET)
        self.until = float("inf")
        """The monotonic time at which the file is closed."""
        self._builder = EntryBuilder(Parser(name))
        # The beginning of a line whose end is not there yet.
        self._rest = b""

    def news(self) -> Iterator[Entry]:
        """Yields the entries that have been appended; the last one once no line follows it."""
        if os.fstat(self._fd).st_size < os.lseek(self._fd, 0, os.SEEK_CUR):
            os.lseek(self._fd, 0, os.SEEK_SET)  # cut: copytruncate of logrotate(8)
        lines = self._lines()
        ended = map(self._builder.add, lines) if lines else [self._builder.end()]
        yield from (entry for entry in ended if entry is not None)

    def close(self) -> None:
        """Closes the file."""
        os.close(self._fd)

    def _lines(self) -> list[str]:
        """Returns the whole lines that are there."""
        data = self._rest + os.read(self._fd, _CHUNK)
        whole, _, self._rest = data.rpartition(b"\n") if b"\n" in data else (b"", b"", data)
        return whole.decode(errors="backslashreplace").split("\n") if whole else []


class LogTail:
    """The open files of one log: the one that is written, and those renamed a moment ago."""

    def __init__(self) -> None:
        self._tails: dict[int, Tail] = {}
        """By inode."""
        self._known: set[int] = set()
        """The inodes of the last listing: a file with another one is new."""

    def update(self, log: LogFiles, offsets: Offsets, began: float) -> None:
        """Opens the files that have lines to come, and closes those renamed a minute ago."""
        files = [file for file in log.renamed if not file.is_packed]
        for file in files:
            self._update_renamed(file, log.name, offsets, began)
        current = log.current.inode
        if current and current not in self._tails:
            self._open(log.current, log.name, offsets.get(current, 0))
        self._known = {file.inode for file in files} | {current}
        self._close_old(current)

    def news(self) -> Iterator[Entry]:
        """Yields the entries that have been appended, those of renamed files first."""
        for tail in self._tails.values():
            yield from tail.news()

    def close(self) -> None:
        """Closes all files."""
        for tail in self._tails.values():
            tail.close()
        self._tails.clear()

    def _update_renamed(self, file: LogPath, name: str, offsets: Offsets, began: float) -> None:
        if file.inode in self._tails or file.inode in self._known:
            return
        start = offsets.get(file.inode, 0)
        # A file of before the start is not new, such as one that was unpacked.
        if file.modified() >= began and file.size() > start:
            self._open(file, name, start)

    def _open(self, file: LogPath, name: str, start: int) -> None:
        try:
            tail = Tail(file, name, start)
        except OSError:
            return  # renamed or removed since it was listed: the next look finds it
        self._tails[tail.inode] = tail

    def _close_old(self, current: int) -> None:
        now = time.monotonic()
        for tail in self._tails.values():
            if tail.inode != current:
                tail.until = min(tail.until, now + KEPT)
        old = sorted((t for t in self._tails.values() if t.inode != current), key=lambda t: t.until)
        for number, tail in enumerate(reversed(old)):
            if tail.until <= now or number >= _MOST_KEPT:
                tail.close()
                del self._tails[tail.inode]


class Follower:
    """The lines that are appended to all logs of a folder and to the journal; a context manager."""

    def __init__(self, folder: Path, *, with_journal: bool) -> None:
        """Begins now. Raises EggError without journalctl."""
        self._folder = folder
        self._began = time.time()
        self.offsets: Offsets = {
            file.inode: file.size()
            for log in log_files(folder)
            for file in (*log.renamed, log.current)
        }
        """The place at which each file is read on at the first call of `news`."""
        self._tails: dict[str, LogTail] = {}
        self._journal = JournalTail() if with_journal else None
        self._once = Once()
        self._window = Window()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        for tail in self._tails.values():
            tail.close()
        if self._journal is not None:
            self._journal.close()

    def news(self) -> Iterator[Entry]:
        """Returns the entries since the last call in the order of time, each once.

        An entry is kept until it is `window.SECONDS` old: earlier ones may come after it.
        """
        now = time.time()
        for entry in self._appended():
            self._window.add(entry, now)
        return self._once(self._window.until(now - SECONDS))

    def _appended(self) -> Iterator[Entry]:
        for log in log_files(self._folder):
            tail = self._tails.setdefault(log.name, LogTail())
            tail.update(log, self.offsets, self._began)
        self.offsets = {}
        for tail in self._tails.values():
            yield from tail.news()
        if self._journal is not None:
            yield from self._journal.news()
