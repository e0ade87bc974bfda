"""The names of the units and the slots of the workers."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASTER = "egg-master.service"
AGENT = "egg-agent.service"
LISTENER = "egg.socket"
INBOX = "egg-agent.socket"
WORKERS = "egg-worker@*.service"
"""Pattern of every loaded instance."""

SPARE = 0
"""The slot that a reload starts first and drains last; never enabled."""

LAST_SLOT = 999

_UNIT = re.compile(r"egg-worker@(0|[1-9][0-9]{0,2})\.service")


def unit_of(slot: int) -> str:
    """Returns the name of a worker's unit."""
    return f"egg-worker@{slot}.service"


def units_of(slots: Iterable[int]) -> tuple[str, ...]:
    """Returns the names of workers' units, by ascending slot."""
    return tuple(unit_of(slot) for slot in sorted(slots))


def slot_of(unit: str) -> int | None:
    """Returns the slot in the name of a worker's unit; None for any other name."""
    match = _UNIT.fullmatch(unit)
    return int(match[1]) if match else None


def slots_of(units: Iterable[str]) -> set[int]:
    """Returns the slots of those units that are workers."""
    return {slot for unit in units if (slot := slot_of(unit)) is not None}


SPARE_UNIT = unit_of(SPARE)
