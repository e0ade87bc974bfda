"""The growing delay of a worker between failed boots.

systemd restarts a dead worker after RestartSec=, without end. What grows is the time that the new
process sleeps before any app code. A start at another distance from the last failure was requested
by a person, who may have repaired something: it never sleeps.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST = 1.0
"""Seconds before the second try."""

LONGEST = 30.0
"""Seconds that the delay grows to, doubling."""

RESTART_AFTER = 1.0
"""RestartSec= of the unit: a restart by systemd never comes earlier than this."""

_EARLY = 0.1
_LATE = 3.0


@dataclass(frozen=True, slots=True)
class Failures:
    """The failed boots of one slot in a row."""

    count: int
    at: float
    """Time of the last one: CLOCK_BOOTTIME, which includes the time that the host was suspended."""
    reason: str


@dataclass(frozen=True, slots=True)
class Sleep:
    """The sleep before a boot, and the failure that caused it."""

    seconds: float
    failures: int
    reason: str

    @property
    def text(self) -> str:
        """The sleep as STATUS= shows it."""
        return f"Boot {self.failures} failed: {self.reason}; next try in {self.seconds:.0f} s"


def sleep(failures: Failures | None, now: float) -> Sleep | None:
    """Returns the sleep of a boot that begins `now`; None if it does not sleep."""
    if failures is None or not _restarted_by_systemd(now - failures.at):
        return None
    seconds = min(FIRST * 2.0 ** min(failures.count - 1, 30), LONGEST)
    return Sleep(seconds, failures.count, failures.reason)


def _restarted_by_systemd(elapsed: float) -> bool:
    return RESTART_AFTER - _EARLY <= elapsed <= RESTART_AFTER + _LATE
