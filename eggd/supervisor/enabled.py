"""Which workers are to run, written down where the agent looks: a file of the unit's name each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from eggd.supervisor.rundir import secure
from eggd.wire.slots import unit_of


class Enabled:
    """The slots of the workers that are to run; `folder` is for the agent (EGGD_WANTS)."""

    name = "the list of enabled workers"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.slots: set[int] = set()

    @property
    def paths(self) -> list[Path]:
        """The files there should be."""
        return [self._folder / unit_of(slot) for slot in sorted(self.slots)]

    @property
    def intact(self) -> bool:
        """Whether all of them are there."""
        return all(each.exists() for each in self.paths)

    def set(self, slots: Iterable[int]) -> None:
        """Have these slots and no others; raise OSError."""
        wanted = set(slots)
        for slot in self.slots - wanted:
            (self._folder / unit_of(slot)).unlink(missing_ok=True)
        self.slots = wanted
        self.restore()

    def restore(self) -> None:
        """Write the files again; raise OSError."""
        secure(self._folder)
        for each in self.paths:
            each.touch()
