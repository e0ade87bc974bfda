"""Durations and sizes, as numbers or as text with a unit; text of several values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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
_SECONDS = ("0 or more seconds", "text such as '1d'")
_BYTES = ("0 or more bytes", "text such as '16kb'")
_MOST = 1 << 63
"""Refuses infinity, and numbers that no float can hold; fields state their own ranges."""
_TEXT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", re.IGNORECASE | re.ASCII)


Commas = Annotated[str, "commas"]
"""Text of one or more values that are separated by commas."""


class BadValueError(ValueError):
    """A value that a field cannot take; each argument is an alternative that it can take."""

    def __init__(self, *expected: object, hint: str = "") -> None:
        super().__init__(*expected)
        self.hint = hint

    def __str__(self) -> str:
        *others, last = map(str, self.args)
        if not others:
            return last
        is_long = len(others) > 1 or " " in others[0]
        return f"{', '.join(others)}{', or ' if is_long else ' or '}{last}"


def seconds(value: object) -> float:
    """Returns a duration in seconds from a number or text. Raises BadValueError."""
    return float(_measure(value, _DURATION, _SECONDS, bare="s"))


def size(value: object) -> int:
    """Returns a size in bytes from a number or text. Raises BadValueError."""
    return int(_measure(value, _SIZE, _BYTES, bare=""))


def commas(value: object) -> str:
    """Returns text of values with commas between them. Raises BadValueError for a list."""
    if isinstance(value, str):
        return value
    raise BadValueError("text, with commas between several values")


MEASURES: Mapping[str, Callable[[object], object]] = {
    "seconds": seconds,
    "bytes": size,
    "commas": commas,
}
"""The checks of annotated types, by their annotation."""


def _measure(
    value: object, units: Mapping[str, float], expected: tuple[str, ...], *, bare: str
) -> float:
    measure = _number(value, units, bare)
    if measure is None or not 0 <= measure <= _MOST:
        raise BadValueError(*expected)
    return measure


def _number(value: object, units: Mapping[str, float], bare: str) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    match = _TEXT.fullmatch(value) if isinstance(value, str) else None
    unit = (match[2].lower() or bare) if match else ""
    return float(match[1]) * units[unit] if match and unit in units else None
