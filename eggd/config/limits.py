"""Checks that a number is in the range of its field, and writes ranges for errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eggd.config.measures import BadValueError
from eggd.ranges import Between

_UNITS: Mapping[str, Sequence[tuple[str, float]]] = {
    "seconds": (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)),
    "bytes": (("gb", 1 << 30), ("mb", 1 << 20), ("kb", 1 << 10), ("b", 1)),
}
"""The units of the text of a measure, the largest first."""
_MILLISECONDS = "durations are in seconds; Egg's are in milliseconds"


def expected(limits: Between, unit: str) -> tuple[str, ...]:
    """Returns the values that are allowed, for an error.

    `unit` is "seconds", "bytes", or the noun of a number without a unit.
    """
    least, most = _plain(limits.least), _plain(limits.most)
    if unit not in _UNITS:
        return (f"{unit} from {least} to {most}",)
    texts = (_text(each, unit) for each in (limits.least, limits.most))
    return f"{least} to {most} {unit}", "text from '{}' to '{}'".format(*texts)


def check(limits: Between, value: float, unit: str) -> None:
    """Raises BadValueError if the number is out of the range."""
    if limits.least <= value <= limits.most:
        return
    hint = limits.hint if value > limits.most else ""
    if unit == "seconds" and limits.most < value <= 1000 * limits.most:
        hint = hint or _MILLISECONDS
    raise BadValueError(*expected(limits, unit), hint=hint)


def _plain(number: float) -> str:
    return str(int(number) if number == int(number) else number)


def _text(number: float, unit: str) -> str:
    """Returns a measure in the largest unit that needs no fraction: 90 seconds are "90s"."""
    for name, factor in _UNITS[unit]:
        if number >= factor and number % factor == 0:
            return f"{_plain(number / factor)}{name}"
    return f"{_plain(number * 1000)}ms" if number else f"0{_UNITS[unit][-1][0]}"
