"""Finds files that the running agent loaded in an older version.

A reload replaces the agent only if its application differs. Files are compared by content, so a
deployment that writes the same files again is not reported.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

GLOBS = ("config/*.py", "agent.py", "section.py", "plugin.toml", "app/schedule/**/*.py")
"""Files of a load unit that the agent loads."""


class AgentFiles:
    """The files in the folders of the load units, as they were when this object was created."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = roots
        self._before = dict(self._digests())

    def changed(self) -> list[Path]:
        """Returns the files that were changed, added or removed since, sorted."""
        now = dict(self._digests())
        paths = self._before.keys() | now.keys()
        return sorted(path for path in paths if self._before.get(path) != now.get(path))

    def _digests(self) -> Iterator[tuple[Path, int]]:
        for root in self._roots:
            for glob in GLOBS:
                for path in root.glob(glob):
                    yield from _digest(path)


def _digest(path: Path) -> Iterator[tuple[Path, int]]:
    try:
        yield path, zlib.crc32(path.read_bytes())
    except OSError:
        return  # counts as a missing file
