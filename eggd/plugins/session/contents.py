"""The keys and values that a session can hold: those of JSON (process:SES-4)."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterable, Mapping

from eggd import EggError

_EGGD = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + "/"
_HINTS = {
    "date": "store text: value.isoformat()",
    "datetime": "store text: value.isoformat()",
    "Decimal": "store text: str(value)",
    "UUID": "store text: str(value)",
    "bytes": "store text, such as base64",
    "set": "store a list",
    "frozenset": "store a list",
}
_ANY = "store text, a number, a list or a dict"

encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
"""Returns compact JSON. `json.dumps` would make an encoder for each call with options."""


def is_reserved(key: str) -> bool:
    """Returns whether a key belongs to the session itself."""
    return key[:1] == "_" or key == "isNew"


def check_keys(data: Iterable[object]) -> None:
    """Raises EggError for a key that a session cannot have (process:SES-4)."""
    for key in data:
        if not isinstance(key, str):
            raise EggError(f"ctx.session: the key {key!r} is not text", hint="use str keys")
        if is_reserved(key):
            hint = "choose a name that does not begin with _ and is not isNew"
            raise EggError(f"ctx.session: the key {key!r} is reserved", hint=hint)


def check_values(values: Mapping[str, object]) -> None:
    """Raises EggError naming the place and the type of a value that JSON cannot hold."""
    try:
        encode(values)
    except (TypeError, ValueError, RecursionError):
        raise unfit(values) from None


def check_assigned(values: Mapping[str, object]) -> None:
    """Raises EggError for keys and values that an app assigns and a session cannot hold.

    The message begins with the line of the app that assigns them.
    """
    try:
        check_keys(values)
        check_values(values)
    except EggError as exc:
        raise EggError(f"{app_line()}{exc.message}", hint=exc.hint) from None


def checked_mapping(values: object) -> Mapping[str, object] | None:
    """Returns data that an app assigns to `ctx.session`; None removes it (process:SES-6).

    Raises EggError for any other type, without the value, and as `check_assigned`.
    """
    if values is None:
        return None
    if not isinstance(values, Mapping):
        kind = type(values).__name__
        raise EggError(f"ctx.session cannot be a {kind}", hint="assign a dict, or None")
    check_assigned(values)
    return values


def unfit(values: Mapping[str, object]) -> EggError:
    """Returns the error for values that JSON cannot hold: it names the place and the type."""
    for key, value in values.items():
        try:
            if problem := _problem(value, f"ctx.session[{key!r}]"):
                return problem
        except RecursionError:
            text = f"ctx.session[{key!r}] contains itself, or is nested too deep"
            return EggError(f"{text} for JSON", hint=_ANY)
    return EggError("ctx.session cannot be kept as JSON", hint=_ANY)


def app_line() -> str:
    """Returns `file:line: ` of the innermost frame outside of eggd, "" without one."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(_EGGD):
        if frame.f_back is None:
            return ""
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}: "


def _problem(value: object, place: str) -> EggError | None:
    """Returns the error for the first part of a value that JSON cannot hold."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str | int | float | None):
                text = f"a key of {place} is a {type(key).__name__}, which JSON cannot hold"
                return EggError(text, hint="use text")
            if problem := _problem(inner, f"{place}[{key!r}]"):
                return problem
        return None
    if isinstance(value, list | tuple):
        problems = (_problem(inner, f"{place}[{index}]") for index, inner in enumerate(value))
        return next(filter(None, problems), None)
    return _problem_of_scalar(value, place)


def _problem_of_scalar(value: object, place: str) -> EggError | None:
    if value is None or isinstance(value, str):
        return None
    if isinstance(value, float):
        if math.isfinite(value):
            return None
        return EggError(f"{place}: {value} cannot be kept as JSON", hint="store a finite number")
    if isinstance(value, int):
        try:
            str(value)
        except ValueError:
            text = f"{place}: a number of more than {sys.get_int_max_str_digits()} digits cannot be"
            return EggError(f"{text} kept as JSON", hint="store text, such as hex(value)")
        return None
    kind = type(value).__name__
    return EggError(f"{place}: {kind} cannot be kept as JSON", hint=_HINTS.get(kind, _ANY))
