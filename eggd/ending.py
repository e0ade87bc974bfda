"""Describes the end of a process, alike for the supervisor, systemd and the journal."""

from __future__ import annotations

import signal

CAUSES = {
    "oom-kill": "out of memory",
    "watchdog": "no sign of life (WatchdogSec=)",
    "timeout": "not within its time (TimeoutStartSec=, TimeoutStopSec=)",
}
"""Results of a service (systemd.service(5)): why systemd or the kernel ended a process."""


STEPS = {
    200: "CHDIR",
    203: "EXEC",
    205: "LIMITS",
    209: "STDOUT",
    214: "SETSCHEDULER",
    215: "CPUAFFINITY",
    216: "GROUP",
    217: "USER",
    218: "CAPABILITIES",
    219: "CGROUP",
    224: "PAM",
    225: "NETWORK",
    226: "NAMESPACE",
    228: "SECCOMP",
    231: "APPARMOR_PROFILE",
    232: "ADDRESS_FAMILIES",
    233: "RUNTIME_DIRECTORY",
    235: "CHOWN",
    238: "STATE_DIRECTORY",
    239: "CACHE_DIRECTORY",
    240: "LOGS_DIRECTORY",
    241: "CONFIGURATION_DIRECTORY",
    243: "CREDENTIALS",
}
"""Exit codes of systemd itself, before it runs the program (systemd.exec(5)), and what failed."""


def how(code: int, cause: str = "") -> str:
    """Returns `exited with 3`, or `killed by SIGKILL` for -9; after `cause` if it is given."""
    text = f"killed by {_name(-code)}" if code < 0 else f"exited with {code}"
    return f"{cause}, {text}" if cause else text


def how_of_unit(code: int, cause: str = "") -> str:
    """Returns the same for a process that systemd has started, with the step at which it failed."""
    text, step = how(code, cause), STEPS.get(code)
    return f"{text}: systemd failed at step {step} of the unit" if step else text


def wordless(ending: str, status: str) -> str:
    """Returns the reason of a boot that ended without an error line."""
    return f"{ending}; its last status was: {status}" if status else ending


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"
