"""Text, numbers and dates: exact types, and text for types that JSON does not have."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from eggd.plugins.validate.checks import is_number
from eggd.plugins.validate.conversion import Convert, to_bool, to_int, to_number, to_string
from eggd.plugins.validate.messages import message
from eggd.plugins.validate.run import Run
from eggd.plugins.validate.typed.decode import WRONG, Decode

_LONGEST = 200
"""Characters of a text that is read as a date, number or UUID."""
_DECIMAL = re.compile(r"[+-]?[0-9]{1,90}(?:\.[0-9]{1,90})?")


def _exact(name: str, fits: Callable[[object], bool], convert: Convert) -> Decode:
    problem = message(name)

    def decode(value: object, run: Run, path: str) -> object:
        if fits(value):
            return value
        if run.convert and fits(converted := convert(value)):
            return converted
        run.add(path, problem)
        return WRONG

    return decode


def _parsed(name: str, parse: Callable[[str], object]) -> Decode:
    problem = message(name)

    def decode(value: object, run: Run, path: str) -> object:
        if isinstance(value, str) and len(value) <= _LONGEST:
            try:
                return parse(value)
            except ValueError:
                pass
        run.add(path, problem)
        return WRONG

    return decode


def _decimal(value: object, run: Run, path: str) -> object:
    """Returns a Decimal of text or a number; an exponent is refused, as it may be huge."""
    text = value if isinstance(value, str) else ""
    if is_number(value) and abs(value) < 10**90:
        text = format(Decimal(repr(value)), "f")
    if len(text) <= _LONGEST and _DECIMAL.fullmatch(text.strip()):
        return Decimal(text.strip())
    run.add(path, message("decimal"))
    return WRONG


def _integer(value: object, run: Run, path: str) -> object:
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if run.convert and type(converted := to_int(value)) is int:
        return converted
    run.add(path, message("int"))
    return WRONG


def _float(value: object, run: Run, path: str) -> object:
    number = to_number(value) if run.convert else value
    if isinstance(number, int | float) and is_number(number):
        try:
            return float(number)
        except OverflowError:
            pass
    run.add(path, message("number"))
    return WRONG


def _null(value: object, run: Run, path: str) -> object:
    if value is None:
        return None
    run.add(path, message("null"))
    return WRONG


def _any(value: object, _run: Run, _path: str) -> object:
    return value


SCALARS: dict[object, Decode] = {
    object: _any,
    str: _exact("string", lambda value: isinstance(value, str), to_string),
    bool: _exact("bool", lambda value: isinstance(value, bool), to_bool),
    int: _integer,
    float: _float,
    type(None): _null,
    date: _parsed("date", date.fromisoformat),
    time: _parsed("time", time.fromisoformat),
    datetime: _parsed("datetime", datetime.fromisoformat),
    UUID: _parsed("uuid", UUID),
    Decimal: _decimal,
}
"""The functions by their type."""
