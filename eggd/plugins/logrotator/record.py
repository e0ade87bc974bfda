"""The planned renames of a rotation, kept in a file for the next agent.

An agent may be killed between two renames, or between the last one and the message to the workers.
The next agent then continues: a file with its old inode under the new name was renamed already. The
record is in the state directory, not in `/run`: the first night after a boot may be missed, too.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path


class Record:
    """The rotation under way or last done: its date, and each file with its inode before."""

    def __init__(self, path: Path, complain: Callable[..., None]) -> None:
        self._path = path
        self._complain = complain
        self.date = ""
        self._inodes: dict[str, int] = {}
        self._done = True
        self._read()

    def begin(self, date: str, files: Iterable[Path]) -> None:
        """Notes that `files` are about to be renamed for `date`; a second time for a date adds."""
        known = self._inodes if date == self.date else {}
        found = {str(file): inode for file in files if (inode := _inode(file))}
        self.date, self._inodes, self._done = date, {**found, **known}, False
        self._write()

    def files(self) -> list[Path]:
        """Returns the files to rename."""
        return [Path(name) for name in self._inodes]

    def renamed(self, file: Path, target: Path) -> bool:
        """Tells whether `target` is what `file` was when it was first noted."""
        return _inode(target) == self._inodes[str(file)]

    def finish(self) -> None:
        """Notes that every process was told."""
        self._done = True
        self._write()

    def note(self, date: str) -> None:
        """Records `date` as done if there is no record yet; later nights can then be made up
        for."""
        if not self.date:
            self.date = date
            self._write()

    def unfinished(self, date: str) -> bool:
        """Returns whether an earlier agent recorded a date before `date`, but not `date` itself."""
        return bool(self.date) and (self.date < date or (self.date == date and not self._done))

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            data = json.loads(self._path.read_text())
            inodes = {str(name): int(inode) for name, inode in data["files"].items()}
            self.date, self._inodes, self._done = str(data["date"]), inodes, bool(data["done"])

    def _write(self) -> None:
        data = {"date": self.date, "files": self._inodes, "done": self._done}
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(data))
            fresh.replace(self._path)
        except OSError as exc:  # rarely needed: the rotation goes on without it
            text = "[logrotator] %s: %s; a night without an agent will not be made up for"
            self._complain(text, self._path, exc.strerror)


def _inode(path: Path) -> int:
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0
