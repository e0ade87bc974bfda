"""The enabled slots: the only record of the number of workers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from eggd.suite.slots import slot_of

WANTS = (
    Path("/etc/systemd/system/egg-master.service.wants"),
    Path("/run/systemd/system/egg-master.service.wants"),
)
"""Directories in which `systemctl enable` (`--runtime`) creates a link for each instance."""


def wants(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Returns the directories that list the enabled instances: EGGD_WANTS under a supervisor."""
    given = environ.get("EGGD_WANTS")
    return (Path(given),) if given else WANTS


def enabled_slots(directories: Iterable[Path] = WANTS) -> set[int]:
    """Returns the enabled slots, never the spare; all users may read them."""
    slots = {slot_of(link.name) for each in directories for link in _entries(each)}
    return {slot for slot in slots if slot}


def _entries(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except OSError:
        return []
