"""The names of the units, the slots of the workers, and the order in which a reload takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eggd.errors import BootError

MASTER = "egg-master.service"
AGENT = "egg-agent.service"
LISTENER = "egg.socket"
INBOX = "egg-agent.socket"
WORKERS = "egg-worker@*.service"
"""Pattern of every instance that is loaded."""

SPARE = 0
"""The slot that a reload starts first and drains last; never enabled."""

LAST_SLOT = 999

_UNIT = re.compile(r"egg-worker@(0|[1-9][0-9]{0,2})\.service")


def unit_of(slot: int) -> str:
    """Return the unit's name of a worker's slot."""
    return f"egg-worker@{slot}.service"


def slot_of(unit: str) -> int | None:
    """Return the slot in a worker unit's name; None for any other unit or instance name."""
    match = _UNIT.fullmatch(unit)
    return int(match[1]) if match else None


def boot_file(slot: int) -> str:
    """Return the name of the file in the runtime directory that counts a slot's failed boots."""
    return f"worker-{slot}.boot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """How one worker stands when a reload begins."""

    slot: int
    """Its slot; the spare has one, too."""
    ready: bool
    """Whether it serves."""
    down: bool = False
    """Whether it is being tried again after a death."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """Whom a reload restarts, and whether the spare has to be brought up for it."""

    order: list[int]
    """Slots, one after the other."""
    spare_first: bool
    """Whether the spare is started before anybody is touched."""


def roll(workers: Iterable[Turn]) -> Roll:
    """Return how to replace the workers; raise BootError when none is ready.

    A spare that an earlier, failed reload left behind serves for a worker that is down: then that
    worker is the first to try the new code, and the spare is only drained at the end.
    """
    turns = sorted(workers, key=lambda turn: turn.slot)
    ready = [turn.slot for turn in turns if turn.ready and turn.slot != SPARE]
    down = [turn.slot for turn in turns if turn.down and turn.slot != SPARE]
    stands_in = any(turn.slot == SPARE and turn.ready for turn in turns)
    if not ready and not stands_in:
        raise BootError("no worker is ready, so there is nothing to roll", hint="eggd restart")
    if stands_in and down:
        return Roll(order=down + ready, spare_first=False)
    return Roll(order=ready + down, spare_first=True)


def said_together(reasons: Mapping[str, str]) -> str:
    """Return why units are not up: those with the same reason together, nobody named twice."""
    alike: dict[str, list[str]] = {}
    for unit, reason in reasons.items():
        alike.setdefault(reason, []).append(unit.removesuffix(".service"))
    return "; ".join(_said_by(", ".join(names), reason) for reason, names in alike.items())


def _said_by(who: str, reason: str) -> str:
    return reason if reason.startswith(f"{who}:") else f"{who}: {reason}"
