"""What the agent was made of, beside what lies there now: a reload never replaces the agent.

Config, plugin table, sections and `agent.py` of every unit are compared by content, so that a
deployment that writes the same again says nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

GLOBS = ("config/*.py", "agent.py", "section.py", "plugin.toml")
"""Files of a unit that decide what the agent does."""


class AgentFiles:
    """Knows the files of these folders as they were when it was made."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = roots
        self._before = dict(self._digests())

    def changed(self) -> list[Path]:
        """Returns the files that have changed, come or gone since, sorted."""
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
        return  # as if it were not there
