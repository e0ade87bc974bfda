"""The planned renames of a rotation, stored in a file for the next agent.

An agent may be killed between two renames, or between the last one and the message to the workers.
The next agent then continues: a file whose old inode has the new name was already renamed. The
record is in the state directory, not in `/run`, as a reboot may interrupt a rotation, too.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path


class RotationRecord:
    """The current or last rotation: its date, and the inode of each file before it."""

    def __init__(self, path: Path, complain: Callable[..., None]) -> None:
        self._path = path
        self._complain = complain
        self.date = ""
        """The date in the new names; empty without a record."""
        self._inodes: dict[str, int] = {}
        """The inode of each file before the rotation, by name."""
        self._done = True
        """Whether every process has been sent `log-reload`."""
        self._read()

    def begin(self, date: str, files: Iterable[Path]) -> None:
        """Records the renames of `files` for `date`; adds to those of the same date."""
        known = self._inodes if date == self.date else {}
        current = {str(file): inode for file in files if (inode := _inode(file))}
        self.date, self._inodes, self._done = date, {**current, **known}, False
        self._write()

    def files(self) -> list[Path]:
        """Returns the files to rename."""
        return [Path(name) for name in self._inodes]

    def renamed(self, file: Path, target: Path) -> bool:
        """Whether `target` is the file that `file` was when it was first recorded."""
        return _inode(target) == self._inodes[str(file)]

    def finish(self) -> None:
        """Records that the rotation is complete."""
        self._done = True
        self._write()

    def note(self, date: str) -> None:
        """Records `date` as complete if there is no record: missed nights count from then on."""
        if not self.date:
            self.date = date
            self._write()

    def unfinished(self, date: str) -> bool:
        """Whether an earlier agent left the rotation for `date` undone or incomplete."""
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
        except OSError as exc:  # the rotation itself does not need it
            text = "[logrotator] cannot write %s: %s; a missed rotation will not be repeated"
            self._complain(text, self._path, exc.strerror)


def _inode(path: Path) -> int:
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0
