"""The checks of single values of a section: numbers, text, choices, and objects of a class."""

from __future__ import annotations

import collections.abc
import enum
import re
from pathlib import Path
from typing import Any, cast

from eggd.config import limits
from eggd.config.measures import MEASURES, BadValueError
from eggd.ranges import Between

_SCALARS: dict[object, tuple[tuple[type, ...], tuple[str, ...]]] = {
    bool: ((bool,), ("true", "false")),
    int: ((int,), ("a whole number",)),
    float: ((int, float), ("a number",)),
    str: ((str,), ("text",)),
}


def annotated(hint: object, notes: tuple[object, ...], value: object) -> object:
    """Returns the value of a measure, of a number with a range, or of both.

    Raises BadValueError.
    """
    unit = next((each for each in notes if isinstance(each, str)), "")
    between = next((each for each in notes if isinstance(each, Between)), None)
    if between is None:
        return MEASURES[unit](value)
    noun = unit or _SCALARS[hint][1][0]
    try:
        number = MEASURES[unit](value) if unit else scalar(hint, value)
    except BadValueError:
        raise BadValueError(*limits.expected(between, noun)) from None
    limits.check(between, cast("float", number), noun)
    return number


def literal(args: tuple[object, ...], value: object) -> object:
    """Returns a value that must be one of these. Raises BadValueError."""
    if value in args:
        return value
    raise BadValueError(*map(repr, args))


def scalar(hint: object, value: object) -> object:
    """Returns the value of a field whose hint is a class. Raises BadValueError."""
    if hint not in _SCALARS:
        return _instance(hint, value)
    accepted, expected = _SCALARS[hint]
    if not isinstance(value, accepted) or (hint is not bool and isinstance(value, bool)):
        raise BadValueError(*expected)
    if hint is not float:
        return value
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        raise BadValueError(*expected) from None


def _instance(hint: object, value: object) -> object:
    """Returns the value for a hint that is any other class; Any and object take everything."""
    if hint is Any:
        return value
    if hint is collections.abc.Callable:
        if not callable(value):
            raise BadValueError("a function")
    elif isinstance(hint, type) and not isinstance(value, hint):
        if hint is Path and isinstance(value, str):
            return Path(value)
        if issubclass(hint, enum.Enum):
            return _member(hint, value)
        raise BadValueError(_LABELS.get(hint, f"a {hint.__name__}"))
    return value


_LABELS: dict[type, str] = {type: "a class", re.Pattern: "a regex of re.compile()"}
"""Names of values in errors, where the name of the class is not enough."""


def _member(hint: type[enum.Enum], value: object) -> enum.Enum:
    try:
        return hint(value)
    except ValueError:
        raise BadValueError(*(repr(each.value) for each in hint)) from None
