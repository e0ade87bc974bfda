"""A typed section of the config: a frozen dataclass whose fields are the whole schema.

A subsystem declares its section beside its code; `coerce` turns the merged mapping into it, or
names the bad key with its file and the nearest good one. It knows no option by name.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class HttpConfig:
        '''Limits and times of the HTTP server.'''
        keep_alive_timeout: Seconds = 5.0
        '''Seconds an idle connection is kept.'''
"""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import functools
import math
import re
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from eggd.config.node import FrozenList, Node, freeze
from eggd.errors import ConfigError
from eggd.masking.redact import safe_repr
from eggd.spelling import suggestion_or_list

Seconds = Annotated[float, "seconds"]
"""A duration: a number of seconds, or text with a unit ("500ms", "5s", "10m", "2.5 hrs", "1y")."""

Bytes = Annotated[int, "bytes"]
"""A size: a number of bytes, or text with a unit ("16kb", "1mb", "2gb"; powers of 1024)."""

T = TypeVar("T")
Origin = Callable[[tuple[str, ...]], str]

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
"""Seconds by unit, in the spelling of npm's `ms`, which egg's users write (core:X-14)."""
_SIZE = {"": 1, "b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30}
_TEXT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", re.IGNORECASE | re.ASCII)


class BadValueError(ValueError):
    """A value that a field cannot take; the text says what was expected."""


def coerce(cls: type[T], values: Mapping[str, object], path: tuple[str, ...], origin: Origin) -> T:
    """Returns `cls` filled from `values`; raises ConfigError for an unknown key or a wrong type.

    `path` is the section's dotted place, `origin` tells where a key was last set; it is asked only
    for an error.
    """
    hints = _hints(cls)  # type: ignore[arg-type]  # a class can be hashed
    fields = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    filled: dict[str, object] = {}
    for key, value in _items_of(values):
        where = (*path, key)
        if key not in fields:
            raise unknown_key(where, fields, origin(where))
        filled[key] = _placed(hints[key], value, where, origin)
    try:
        return cls(**filled)
    except ConfigError as exc:
        raise _set_by(exc, filled, path, origin) from None


@functools.cache
def _hints(cls: type) -> Mapping[str, object]:
    """Returns the hints of a section's fields: to evaluate them is half of the work of `coerce`."""
    return typing.get_type_hints(cls, include_extras=True)


def _placed(hint: object, value: object, where: tuple[str, ...], origin: Origin) -> object:
    """Returns the value as the hint has it; raises ConfigError saying where it was set."""
    try:
        return _value(hint, value, where, origin)
    except BadValueError as exc:
        raise ConfigError(
            f"{origin(where)}: {'.'.join(where)} must be {exc}, not {safe_repr(where, value)}"
        ) from None


def _set_by(
    exc: ConfigError, filled: Mapping[str, object], path: tuple[str, ...], origin: Origin
) -> ConfigError:
    """Puts before a section's own complaint where the keys that it names were set."""
    named = [key for key in filled if ".".join((*path, key)) in exc.message] or list(filled)
    places = {origin((*path, key)) for key in named} - {"eggd", ""}
    return ConfigError(f"{', '.join(sorted(places)) or 'eggd'}: {exc.message}", hint=exc.hint)


def unknown_key(where: tuple[str, ...], known: set[str], file: str) -> ConfigError:
    """Returns the error for a key that a typed section does not have, naming the nearest one."""
    hint = suggestion_or_list(where[-1], sorted(known), "known keys")
    return ConfigError(f"{file}: {'.'.join(where)}: no such key", hint=hint)


def seconds(value: object) -> float:
    """Returns a duration in seconds from a number or text; raises BadValueError otherwise."""
    return float(_measure(value, _DURATION, "a duration such as 5, '500ms' or '1d'", bare="s"))


def size(value: object) -> int:
    """Returns a size in bytes from a number or text; raises BadValueError otherwise."""
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


def _value(hint: object, value: object, where: tuple[str, ...], origin: Origin) -> object:
    args = typing.get_args(hint)
    kind = typing.get_origin(hint)
    if kind is Annotated:
        return seconds(value) if args[1] == "seconds" else size(value)
    if kind in (types.UnionType, typing.Union):
        return _union(args, value, where, origin)
    if kind is typing.Literal:
        return _literal(args, value)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _nested(hint, value, where, origin)
    if kind in _LISTS:
        return _items(_LISTS[kind], args[0], value, where, origin)
    if kind in (dict, collections.abc.Mapping):
        return _mapping(args[1], value, where, origin)
    return _scalar(kind or hint, value)


def _literal(args: tuple[object, ...], value: object) -> object:
    if value in args:
        return value
    raise BadValueError("one of " + ", ".join(repr(arg) for arg in args))


def _mapping(item: object, value: object, where: tuple[str, ...], origin: Origin) -> object:
    if not isinstance(value, Mapping):
        raise BadValueError("a mapping")
    entries = {
        str(key): _placed(item, entry, (*where, str(key)), origin)
        for key, entry in _items_of(value)
    }
    return freeze(Node(entries))


def _items_of(values: Mapping[str, object]) -> collections.abc.ItemsView[str, object]:
    """The items of a mapping, also where a key hides the method (`items`, `keys`)."""
    return dict.items(values) if isinstance(values, Node) else values.items()


def _union(
    args: tuple[object, ...], value: object, where: tuple[str, ...], origin: Origin
) -> object:
    expected = []
    for arg in args:
        if arg is type(None):
            if value is None:
                return None
            continue
        try:
            return _value(arg, value, where, origin)
        except BadValueError as exc:
            expected.append(str(exc))
    raise BadValueError(" or ".join(expected))


def _nested(hint: type, value: object, where: tuple[str, ...], origin: Origin) -> object:
    if isinstance(value, hint):
        return value
    if not isinstance(value, Mapping):
        raise BadValueError("a mapping")
    return coerce(hint, value, where, origin)


def _items(
    kind: type, item: object, value: object, where: tuple[str, ...], origin: Origin
) -> object:
    if not isinstance(value, list | tuple | set | frozenset):
        raise BadValueError("a list")
    try:
        return kind(_value(item, entry, where, origin) for entry in value)
    except BadValueError as exc:
        raise BadValueError(f"a list, each {exc}") from None


_LISTS: dict[object, type] = {
    list: FrozenList,
    collections.abc.Sequence: FrozenList,
    tuple: tuple,
    set: frozenset,
    frozenset: frozenset,
}
"""Hints of lists, and what the checked value is: typed sections cannot be changed."""

_SCALARS: dict[object, tuple[tuple[type, ...], str]] = {
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    str: ((str,), "text"),
}


def _scalar(hint: object, value: object) -> object:
    if hint not in _SCALARS:
        return _instance(hint, value)
    accepted, expected = _SCALARS[hint]
    if not isinstance(value, accepted) or (hint is not bool and isinstance(value, bool)):
        raise BadValueError(expected)
    return float(value) if hint is float else value  # type: ignore[arg-type]


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
        raise BadValueError(f"a {hint.__name__}")
    return value


def _member(hint: type[enum.Enum], value: object) -> enum.Enum:
    try:
        return hint(value)
    except ValueError:
        raise BadValueError("one of " + ", ".join(repr(each.value) for each in hint)) from None
