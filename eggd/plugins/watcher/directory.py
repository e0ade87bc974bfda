"""What is in a directory, and what has changed since it was last looked at.

Events only say when to look: so an editor that saves by rename is one change, its passing files
are none, and an event that got lost costs nothing but time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PASSING = ("~", ".swp", ".swx", ".tmp", ".pyc")

State = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """One file, and what became of it."""

    path: Path
    """Where it is."""
    kind: str
    """`changed`, `added` or `removed`."""


class Snapshot:
    """The files below `root`, which need not exist."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = dict(_files(root))

    def changes(self) -> list[Change]:
        """Returns what is different from the last look, by name."""
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
            if name[0] == "." or name.endswith(_PASSING):
                continue
            path = os.path.join(directory, name)
            try:
                found = os.stat(path)
            except OSError:
                continue
            yield path, (found.st_mtime_ns, found.st_size)
