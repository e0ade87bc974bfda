"""The names of the units, the slots of the workers, and the order in which a reload takes them."""

from __future__ import annotations

import math
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

MIN_READY_KEY = "EGG_MIN_READY_SECONDS"
"""The setting that `min_ready` reads."""

MIN_READY = 2.0
"""Seconds that the spare and each restarted worker must stay ready before the roll goes on."""

LONGEST_PAUSES = 10.0
"""Most seconds that all pauses of one roll may take together, for any number of workers."""

_UNIT = re.compile(r"egg-worker@(0|[1-9][0-9]{0,2})\.service")


def unit_of(slot: int) -> str:
    """Returns the unit's name of a worker's slot."""
    return f"egg-worker@{slot}.service"


def slot_of(unit: str) -> int | None:
    """Returns the slot in a worker unit's name; None for any other unit or instance name."""
    match = _UNIT.fullmatch(unit)
    return int(match[1]) if match else None


def boot_file(slot: int) -> str:
    """Returns the name of the file in the runtime directory that counts a slot's failed boots."""
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
    pause: float
    """Seconds that each started process must stay ready before the next one is restarted."""


def min_ready(settings: Mapping[str, str]) -> float:
    """Returns the seconds of EGG_MIN_READY_SECONDS (default: 2); 0 turns the pauses off.

    Raises BootError if it is not a number from 0 to 10.
    """
    text = settings.get(MIN_READY_KEY, "")
    try:
        seconds = float(text) if text else MIN_READY
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_PAUSES:
        raise BootError(f"{MIN_READY_KEY}: {text!r} is not a number of seconds from 0 to 10")
    return seconds


def roll(workers: Iterable[Turn], min_ready: float = MIN_READY) -> Roll:
    """Returns how to replace the workers; raises BootError when none is ready.

    A ready process may not be healthy: code that dies right after READY=1 would replace every
    worker. So each process that the roll starts must stay ready for `min_ready` seconds, or less if
    all pauses together would exceed `LONGEST_PAUSES`.

    A spare left by an earlier, failed reload serves in place of a worker that is down: then that
    worker is the first to run the new code, and the spare is only drained at the end.
    """
    turns = sorted(workers, key=lambda turn: turn.slot)
    ready = [turn.slot for turn in turns if turn.ready and turn.slot != SPARE]
    down = [turn.slot for turn in turns if turn.down and turn.slot != SPARE]
    stands_in = any(turn.slot == SPARE and turn.ready for turn in turns)
    if not ready and not stands_in:
        raise BootError("no worker is ready, so there is nothing to roll", hint="eggd restart")
    spare_first = not (stands_in and down)
    order = ready + down if spare_first else down + ready
    pause = min(min_ready, LONGEST_PAUSES / (len(order) + spare_first))
    return Roll(order=order, spare_first=spare_first, pause=pause)


def said_together(reasons: Mapping[str, str]) -> str:
    """Returns why units are not up: those with the same reason together, nobody named twice."""
    alike: dict[str, list[str]] = {}
    for unit, reason in reasons.items():
        alike.setdefault(reason, []).append(unit.removesuffix(".service"))
    return "; ".join(_said_by(", ".join(names), reason) for reason, names in alike.items())


def _said_by(who: str, reason: str) -> str:
    return reason if reason.startswith(f"{who}:") else f"{who}: {reason}"
