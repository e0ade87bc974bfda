"""The names of the units, and the slots that are enabled: the one place that counts the workers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

MASTER = "egg-master.service"
AGENT = "egg-agent.service"
LISTENER = "egg.socket"
INBOX = "egg-agent.socket"
WORKERS = "egg-worker@*.service"
"""Pattern of every instance that systemd has loaded."""

SPARE = 0
"""The slot that a reload starts first and drains last; never enabled."""

LAST_SLOT = 999

WANTS = (
    Path("/etc/systemd/system/egg-master.service.wants"),
    Path("/run/systemd/system/egg-master.service.wants"),
)
"""Where `systemctl enable` (and `enable --runtime`) puts a link for each enabled instance."""

_UNIT = re.compile(r"egg-worker@(0|[1-9][0-9]{0,2})\.service")


def unit_of(slot: int) -> str:
    """Return the unit's name of a worker's slot."""
    return f"egg-worker@{slot}.service"


def slot_of(unit: str) -> int | None:
    """Return the slot in a worker unit's name; None for any other unit or instance name."""
    match = _UNIT.fullmatch(unit)
    return int(match[1]) if match else None


def enabled_slots(directories: Iterable[Path] = WANTS) -> set[int]:
    """Return the slots that are enabled, the spare never; anybody may read this."""
    slots = {slot_of(link.name) for each in directories for link in _entries(each)}
    return {slot for slot in slots if slot}


def _entries(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except OSError:
        return []
