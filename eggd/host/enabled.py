"""Which slots are enabled: the one place that counts the workers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from eggd.suite.slots import slot_of

WANTS = (
    Path("/etc/systemd/system/egg-master.service.wants"),
    Path("/run/systemd/system/egg-master.service.wants"),
)
"""Where `systemctl enable` (and `enable --runtime`) puts a link for each enabled instance."""


def wants(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Returns where the enabled instances are listed: EGGD_WANTS where a supervisor says so."""
    given = environ.get("EGGD_WANTS")
    return (Path(given),) if given else WANTS


def enabled_slots(directories: Iterable[Path] = WANTS) -> set[int]:
    """Returns the slots that are enabled, the spare never; anybody may read this."""
    slots = {slot_of(link.name) for each in directories for link in _entries(each)}
    return {slot for slot in slots if slot}


def _entries(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except OSError:
        return []
