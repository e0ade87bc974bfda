"""The enabled workers, one file per unit name in a folder that the agent reads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from eggd.suite.names import DEFAULT
from eggd.supervisor.rundir import secure


class EnabledWorkers:
    """The slots of the enabled workers; the agent reads `folder` (EGGD_WANTS)."""

    name = "the list of enabled workers"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.slots: set[int] = set()

    @property
    def paths(self) -> list[Path]:
        """The files that should exist."""
        return [self._folder / DEFAULT.worker(slot) for slot in sorted(self.slots)]

    @property
    def intact(self) -> bool:
        """Whether all files exist."""
        return all(each.exists() for each in self.paths)

    def set(self, slots: Iterable[int]) -> None:
        """Enables exactly these slots; raises OSError."""
        new = set(slots)
        for slot in self.slots - new:
            (self._folder / DEFAULT.worker(slot)).unlink(missing_ok=True)
        self.slots = new
        self.restore()

    def restore(self) -> None:
        """Writes the files again; raises OSError."""
        secure(self._folder)
        for each in self.paths:
            each.touch()
