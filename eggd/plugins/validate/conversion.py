"""Converts text to the type of its rule; a value that is not unambiguous stays, and is refused.

Source: `convertType` of npm's `parameter`, which also makes 12 of "12px", 0 of "" and true of
"false"; here those are errors (known:KW-79).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from eggd.plugins.validate.patterns import SPACES
from eggd.plugins.validate.text import as_text, number_text

Convert = Callable[[object], object]

_INT = re.compile(r"[+-]?[0-9]{1,308}")
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,308}(?:\.[0-9]{0,308})?|\.[0-9]{1,308})(?:e[+-]?[0-9]{1,3})?", re.I
)
_BOOLEANS = {
    **dict.fromkeys(("true", "1", "on"), True),
    **dict.fromkeys(("false", "0", "off", ""), False),
}
"""The values of a checkbox (`on`), of scripts, and of forms that send numbers."""


def whole(value: object) -> object:
    """Returns 1 for 1.0: JSON has one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def to_int(value: object) -> object:
    """Returns the integer of a text."""
    if isinstance(value, str) and _INT.fullmatch(text := value.strip(SPACES)):
        return int(text)
    return whole(value)


def to_number(value: object) -> object:
    """Returns the number of a text: an int, a float if it has a point or an exponent."""
    if isinstance(value, str) and _NUMBER.fullmatch(text := value.strip(SPACES)):
        return int(text) if _INT.fullmatch(text) else float(text)
    return value


def to_bool(value: object) -> object:
    """Returns the boolean of a text, and of 0 and 1."""
    if isinstance(value, str):
        return _BOOLEANS.get(value.strip(SPACES).lower(), value) if len(value) < 99 else value
    if value in (0, 1) and isinstance(value, int | float):
        return bool(value)
    return value


def to_string(value: object) -> object:
    """Returns the text of a number or boolean."""
    if isinstance(value, bool):
        return as_text(value)
    if isinstance(value, int | float) and (text := number_text(value)) is not None:
        return text
    return value


CONVERSIONS: dict[str, Convert] = {
    "int": to_int,
    "number": to_number,
    "bool": to_bool,
    "boolean": to_bool,
    "string": to_string,
}
"""The functions by the names that `convert_type` takes."""

OF_TYPES = {
    **dict.fromkeys(("int", "integer"), to_int),
    **dict.fromkeys(("bool", "boolean"), to_bool),
    "number": to_number,
    **dict.fromkeys(
        ("string", "id", "date", "dateTime", "datetime", "email", "password", "url"), to_string
    ),
}
"""The conversion of each type if `convert` is on."""
