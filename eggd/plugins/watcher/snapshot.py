"""The files of a directory, and their changes since the last comparison.

Events only trigger a comparison: so saving by rename is one change, temporary files of an editor
are not reported, and a lost event only delays a report.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# The files that editors and Python write beside a source file.
_TEMPORARY = ("~", ".swp", ".swx", ".tmp", ".pyc")

State = tuple[int, int]
"""Time of the last change in nanoseconds, and size in bytes."""


@dataclass(frozen=True, slots=True)
class Change:
    """One changed file."""

    path: Path
    """Its path."""
    kind: str
    """`changed`, `added` or `removed`."""


class Snapshot:
    """The files below `root`, which need not exist."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = dict(_files(root))

    def changes(self) -> list[Change]:
        """Returns the changes since the last call, by name."""
        before, self._files = self._files, dict(_files(self._root))
        return [
            Change(Path(name), _kind(before.get(name), self._files.get(name)))
            for name in sorted(before.keys() | self._files.keys())
            if before.get(name) != self._files.get(name)
        ]


def _kind(before: State | None, now: State | None) -> str:
    if before is None:
        return "added"
    return "removed" if now is None else "changed"


def _files(root: Path) -> Iterator[tuple[str, State]]:
    for directory, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != "__pycache__" and name[0] != "."]
        for name in names:
            if name[0] == "." or name.endswith(_TEMPORARY):
                continue
            path = os.path.join(directory, name)
            try:
                status = os.stat(path)
            except OSError:
                continue
            yield path, (status.st_mtime_ns, status.st_size)
