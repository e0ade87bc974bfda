"""Conditions, as Python source, of values that a rule accepts as they are.

A value that meets the condition of its rule has no error and is not changed; any other value is
checked by the rule itself. A condition names the value and gets the names of its constants.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection

from eggd.plugins.validate.patterns import SPACES

Name = Callable[[object], str]
"""Returns the name of a constant in the source."""
Condition = Callable[[str, Name], str]
"""Returns the source. Arguments: the name of the value, and `Name`."""


_LARGEST = sys.float_info.max


def of_text(
    low: int, high: int | None, fits: Callable[[str], object] | None, *, trim: bool
) -> Condition:
    """Returns the condition of a text; an empty one is left to the rule."""

    def condition(value: str, name: Name) -> str:
        parts = [f"type({value}) is str", _length(value, max(int(low), 1), high)]
        if trim:
            parts.append(f"{value}.strip({name(SPACES)}) == {value}")
        if fits is not None:
            parts.append(f"{name(fits)}({value})")
        return " and ".join(parts)

    return condition


def _length(value: str, low: int, high: int | None) -> str:
    if high is not None:
        return f"{low} <= len({value}) <= {int(high)}"
    return value if low == 1 else f"len({value}) >= {low}"


def equal_to(field: str, condition: Condition) -> Condition:
    """Returns the condition of a value that must also equal another field's."""
    return lambda value, name: f"{condition(value, name)} and get({field!r}) == {value}"


def of_int(low: float | None, high: float | None) -> Condition:
    """Returns the condition of an integer."""
    return lambda value, name: f"type({value}) is int{_between(value, low, high, name)}"


def of_number(low: float | None, high: float | None) -> Condition:
    """Returns the condition of a finite number."""
    least = -_LARGEST if low is None or low < -_LARGEST else low
    most = _LARGEST if high is None or high > _LARGEST else high
    # NaN is not between any bounds.
    return lambda value, name: (
        f"(type({value}) is float or type({value}) is int){_between(value, least, most, name)}"
    )


def _between(value: str, low: float | None, high: float | None, name: Name) -> str:
    lowest = "" if low is None else f"{name(low)} <= "
    highest = "" if high is None else f" <= {name(high)}"
    return f" and {lowest}{value}{highest}" if lowest or highest else ""


def of_bool(value: str, _name: Name) -> str:
    """Returns the condition of a boolean."""
    return f"({value} is True or {value} is False)"


def of_enum(values: Collection[object]) -> Condition:
    """Returns the condition of a text or an integer out of some.

    Texts that are empty or end in blanks are left to the rule, which may trim.
    """
    usual = frozenset(each for each in values if _is_usual(each))

    def condition(value: str, name: Name) -> str:
        return f"(type({value}) is str or type({value}) is int) and {value} in {name(usual)}"

    return condition


def _is_usual(value: object) -> bool:
    if isinstance(value, str):
        return value != "" and value.strip(SPACES) == value
    return not isinstance(value, bool)
