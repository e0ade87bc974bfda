"""The enabled slots: the only record of the number of workers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from eggd.suite.names import SuiteNames
from eggd.suite.slots import SPARE


def wants(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Returns the directories that list the enabled instances: EGGD_WANTS under a supervisor."""
    given = environ.get("EGGD_WANTS")
    return (Path(given),) if given else tuple(map(Path, SuiteNames.chosen(environ).wants))


def enabled_slots(directories: Iterable[Path], names: SuiteNames) -> set[int]:
    """Returns the enabled slots, never the spare; all users may read them."""
    slots = names.slots(link.name for each in directories for link in _entries(each))
    return slots - {SPARE}


def _entries(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except OSError:
        return []
