"""Durations and sizes, as numbers or as text with a unit."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Annotated

Seconds = Annotated[float, "seconds"]
"""A duration: a number of seconds, or text with a unit ("500ms", "5s", "10m", "2.5 hrs", "1y")."""

Bytes = Annotated[int, "bytes"]
"""A size: a number of bytes, or text with a unit ("16kb", "1mb", "2gb"; powers of 1024)."""

_DURATION = {
    unit: seconds
    for units, seconds in (
        ("ms msec msecs millisecond milliseconds", 0.001),
        ("s sec secs second seconds", 1.0),
        ("m min mins minute minutes", 60.0),
        ("h hr hrs hour hours", 3600.0),
        ("d day days", 86400.0),
        ("w week weeks", 604800.0),
        ("y yr yrs year years", 31557600.0),
    )
    for unit in units.split()
}
"""Seconds by unit, in the spelling of npm's `ms`, which Egg's users write (core:X-14)."""
_SIZE = {"": 1, "b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30}
_TEXT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", re.IGNORECASE | re.ASCII)


class BadValueError(ValueError):
    """A value that a field cannot take; the text says what was expected."""


def seconds(value: object) -> float:
    """Returns a duration in seconds from a number or text. Raises BadValueError."""
    return float(_measure(value, _DURATION, "a duration such as 5, '500ms' or '1d'", bare="s"))


def size(value: object) -> int:
    """Returns a size in bytes from a number or text. Raises BadValueError."""
    return int(_measure(value, _SIZE, "a size such as 1024, '16kb' or '1mb'", bare=""))


def _measure(value: object, units: Mapping[str, float], expected: str, *, bare: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value >= 0 and math.isfinite(value):
            return value
        raise BadValueError(expected)
    match = _TEXT.fullmatch(value) if isinstance(value, str) else None
    unit = (match[2].lower() or bare) if match else ""
    if match is None or unit not in units:
        raise BadValueError(expected)
    return float(match[1]) * units[unit]
