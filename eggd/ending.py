"""Describes the end of a process, alike for the supervisor, systemd and the journal."""

from __future__ import annotations

import signal

CAUSES = {
    "oom-kill": "out of memory",
    "watchdog": "no sign of life (WatchdogSec=)",
    "timeout": "not within its time (TimeoutStartSec=, TimeoutStopSec=)",
}
"""Results of a service (systemd.service(5)): why systemd or the kernel ended a process."""


def how(code: int, cause: str = "") -> str:
    """Returns `exited with 3`, or `killed by SIGKILL` for -9; after `cause` if it is given."""
    text = f"killed by {_name(-code)}" if code < 0 else f"exited with {code}"
    return f"{cause}, {text}" if cause else text


def wordless(ending: str, status: str) -> str:
    """Returns the reason of a boot that ended without an error line."""
    return f"{ending}; its last status was: {status}" if status else ending


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
