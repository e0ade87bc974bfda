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


def workers_of(units: Iterable[str]) -> tuple[str, ...]:
    """Returns the instances of the worker template among units, by ascending slot.

    Includes names without a slot, such as `egg-worker@x.service`: a start must report them.
    """
    return tuple(sorted((each for each in units if each.startswith("egg-worker@")), key=order))


def order(unit: str) -> tuple[int, str]:
    """Returns a sort key: by ascending slot, then all other units by name."""
    slot = slot_of(unit)
    return (LAST_SLOT + 1 if slot is None else slot, unit)


SPARE_UNIT = unit_of(SPARE)
