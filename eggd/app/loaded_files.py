"""Finds files that the running agent loaded in an older version.

A reload replaces the agent only if its application differs. Files are compared by content, so a
deployment that writes the same files again is not reported.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path


class LoadedFiles:
    """The files that an agent loads, as they were when they were added."""

    def __init__(self) -> None:
        self._globs: list[tuple[Path, str]] = []
        self._before: dict[Path, int] = {}

    def add(self, folder: Path, *globs: str) -> None:
        """Adds the files of a folder that match a glob, such as `jobs/**/*.py`, also later ones.

        Called before they are loaded, so that no change after that is missed.
        """
        for glob in globs:
            self._globs.append((folder, glob))
            self._before.update(_digests(folder, glob))

    def changed(self) -> list[Path]:
        """Returns the files that were changed, added or removed since, sorted."""
        now = {path: crc for each in self._globs for path, crc in _digests(*each)}
        paths = self._before.keys() | now.keys()
        return sorted(path for path in paths if self._before.get(path) != now.get(path))


def _digests(folder: Path, glob: str) -> Iterator[tuple[Path, int]]:
    for path in folder.glob(glob):
        try:
            yield path, zlib.crc32(path.read_bytes())
        except OSError:
            continue  # counts as a missing file
