"""Reads the time limit for the stop of a process, as set by the operator.

EGG_APP_CLOSE_TIMEOUT for workers, EGG_AGENT_CLOSE_TIMEOUT for the agent, EGG_MASTER_CLOSE_TIMEOUT
for both: milliseconds, or text with a unit ("5s").
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from eggd.errors import VariableError

VARIABLES = {"application": "EGG_APP_CLOSE_TIMEOUT", "agent": "EGG_AGENT_CLOSE_TIMEOUT"}
"""The variable of each kind of process."""

MARGIN = 2.0
"""Seconds between a process's own limit and that of the service manager."""

BOTH = "EGG_MASTER_CLOSE_TIMEOUT"

_TEXT = re.compile(r"([0-9]{1,9})(ms|s|m|)")
_UNITS = {"": 0.001, "ms": 0.001, "s": 1.0, "m": 60.0}


def close_limit(role: str, environ: Mapping[str, str]) -> float | None:
    """Returns the seconds that stopping may take; None if no variable is set.

    Raises VariableError for a value that is not a duration.
    """
    for name in (VARIABLES[role], BOTH):
        text = environ.get(name, "").strip()
        if text:
            return _seconds(name, text)
    return None


def drain_limit(drain: float, hooks: float, limit: float) -> float:
    """Returns the seconds for requests in flight, which leave `hooks` their time within `limit`."""
    return min(drain, limit - min(hooks, limit / 2))


def _seconds(name: str, text: str) -> float:
    match = _TEXT.fullmatch(text)
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0.0
    if not seconds:
        raise VariableError(f"{name} must be milliseconds such as 5000, or '5s', not {text!r}")
    return seconds
