"""The pause of a reload after each READY=1, as the operator sets it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from eggd.errors import VariableError

MIN_READY_KEY = "EGG_MIN_READY_SECONDS"
"""The setting that `min_ready` reads."""

MIN_READY = 2.0
"""Seconds that each new process must stay ready before the next worker is restarted."""

LONGEST_PAUSES = 10.0
"""Most seconds that all pauses of one reload may take together, for any number of workers."""


def min_ready(settings: Mapping[str, str]) -> float:
    """Returns the seconds of EGG_MIN_READY_SECONDS (default: 2); 0 turns the pauses off.

    Raises VariableError if it is not a number from 0 to 10.
    """
    text = settings.get(MIN_READY_KEY, "")
    try:
        seconds = float(text) if text else MIN_READY
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_PAUSES:
        raise VariableError(f"{MIN_READY_KEY}: {text!r} is not a number of seconds from 0 to 10")
    return seconds
