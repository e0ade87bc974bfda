"""Why the process of a unit was started again."""

from __future__ import annotations

from dataclasses import dataclass

CRASHED, WATCHDOG, MEMORY, UNSTARTED = "crashed", "watchdog", "out-of-memory", "failed-start"
RECYCLED, RELOAD, REQUESTED = "recycled", "reload", "requested"

KINDS = (CRASHED, WATCHDOG, MEMORY, UNSTARTED, RECYCLED, RELOAD, REQUESTED)
"""The kinds of restarts; the first four are failures."""

FAILURES = KINDS[:4]


@dataclass(frozen=True, slots=True)
class Restart:
    """The end of the previous process of a unit."""

    kind: str
    """One of `KINDS`."""
    text: str
    """The end as text: `recycled after 10,000 requests`, `killed by SIGKILL`."""
