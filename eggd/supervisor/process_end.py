"""The consequences of how a process ended, without I/O."""

from __future__ import annotations

import math
from dataclasses import dataclass

from eggd.endfile import exit_line
from eggd.ending import how, wordless
from eggd.supervisor.units import ServicePlan

HUNG = "no sign of life for"
"""Begins the cause of a process that its watchdog killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessEnd:
    """The end of a process."""

    code: int
    """Its exit code, or minus the signal that killed it."""
    was_ready: bool
    """Whether it had sent READY=1."""
    asked: bool
    """Whether a stop was requested."""
    announced: bool = False
    """Whether it had sent STOPPING=1, as a recycled worker does."""
    cause: str = ""
    """The exceeded time limit for which the supervisor killed it, or ""."""

    @property
    def how(self) -> str:
        """The end as text: `watchdog timeout, killed by SIGABRT`."""
        return how(self.code, self.cause)

    @property
    def line(self) -> str:
        """The end as ExecStopPost= of the unit records it; "" if it was clean."""
        if self.code == 0 and not self.cause:
            return ""
        result = "watchdog" if self.cause.startswith(HUNG) else "timeout" if self.cause else ""
        return exit_line(self.code, result)


def again(plan: ServicePlan, end: ProcessEnd) -> float | None:
    """Returns the seconds until the next start (Restart=always); None without one."""
    return None if end.asked or plan.restart_sec == math.inf else plan.restart_sec


def reason(end: ProcessEnd, error: str, status: str, last: str) -> str:
    """Returns why a process is not ready.

    That is its last line of priority error (`error`) if it exited while it booted. For any other
    end it is the signal or exit code, with the last status or the last line before it.
    """
    message = error if end.code > 0 and not end.cause else ""
    if end.cause or end.was_ready:
        return f"{end.how}: {message}" if message else end.how
    if message:
        return message
    if status:
        return wordless(end.how, status)
    return f"{end.how}: {last}" if last else end.how


def priority(end: ProcessEnd) -> int:
    """Returns the journal priority of an end: 3 (error), or 6 after an expected, clean stop."""
    return 6 if (end.asked or end.announced) and not end.cause and end.code == 0 else 3
