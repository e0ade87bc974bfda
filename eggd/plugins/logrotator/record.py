"""The planned renames of a rotation, stored in a file so that a restarted agent can finish them.

An agent may be killed between two renames, or between the last one and the message to the workers.
The restarted agent then continues: if the new name has the inode that is recorded for the old name,
the file has been renamed already. The record is in the state directory, not in `/run`, because a
reboot may interrupt a rotation, too.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path


class RotationRecord:
    """The current or last rotation: its date, and the inode that each file had before it began."""

    def __init__(self, path: Path, log_warning: Callable[..., None]) -> None:
        self._path = path
        self._log_warning = log_warning
        self.date = ""
        """The date in the new names; empty without a record."""
        self._inodes: dict[str, int] = {}
        """The inode of each file before the rotation, by name."""
        self._complete = True
        """Whether the files are renamed and `log-reload` has been sent to the workers."""
        self._read()

    def begin(self, date: str, files: Iterable[Path]) -> None:
        """Records the renames of `files` for `date`; adds to those of the same date."""
        known = self._inodes if date == self.date else {}
        current = {str(file): inode for file in files if (inode := _inode(file))}
        # A recorded inode wins: after a rename the name belongs to a new file.
        self.date, self._inodes, self._complete = date, {**current, **known}, False
        self._write()

    def files(self) -> list[Path]:
        """Returns the files to rename."""
        return [Path(name) for name in self._inodes]

    def is_renamed(self, file: Path, target: Path) -> bool:
        """Whether `target` is the file that `file` was when it was first recorded."""
        return _inode(target) == self._inodes[str(file)]

    def finish(self) -> None:
        """Records that the rotation is complete."""
        self._complete = True
        self._write()

    def initialize(self, date: str) -> None:
        """Without a record, records `date` as complete: only later rotations can be missed."""
        if not self.date:
            self.date = date
            self._write()

    def is_due(self, date: str) -> bool:
        """Whether the rotation for `date` has not been started or not been completed."""
        return bool(self.date) and (self.date < date or (self.date == date and not self._complete))

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            data = json.loads(self._path.read_text())
            inodes = {str(name): int(inode) for name, inode in data["files"].items()}
            self.date, self._inodes, self._complete = str(data["date"]), inodes, bool(data["done"])

    def _write(self) -> None:
        data = {"date": self.date, "files": self._inodes, "done": self._complete}
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(data))
            fresh.replace(self._path)
        except OSError as exc:  # the rotation itself does not need it
            text = "[logrotator] cannot write %s: %s; an interrupted rotation will not be resumed"
            self._log_warning(text, self._path, exc.strerror)


def _inode(path: Path) -> int:
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0
