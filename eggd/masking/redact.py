"""Copies values as plain JSON data without secrets (core:DUMP-3 to DUMP-7).

A key is secret if it is one of the given names or "private", contains "secret", or is named like a
secret (`secrets.is_secret_name`). Its value is masked, also in lists and mappings; under other
keys, credentials and text that looks like a secret are masked. The given value is never changed; a
reference to a value that contains it becomes the path of that value (`~config~foo`).
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
from collections.abc import Callable, Collection, ItemsView, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from enum import Enum
from pathlib import PurePath

from eggd.masking.known import is_known, without_known
from eggd.masking.quoting import short_value
from eggd.masking.secrets import is_secret_name, joins_password, without_secrets

SECRET_NAMES = (
    *("pass", "pwd", "passd", "passwd", "password"),
    *("keys", "master_key", "access_key", "masterKey", "accessKey"),
)
"""The secret keys, unless the config's `dump.ignore` names others."""

_DEEPEST = 64
_LISTS = (list, tuple, set, frozenset)


def is_secret(key: str, names: Collection[str] = SECRET_NAMES) -> bool:
    """Returns whether the value of a key must not be shown (core:DUMP-3).

    `names` are exact; a name of SECRET_NAMES that is not among them is not secret.
    """
    if key in names or key.lower() == "private" or "secret" in key.lower():
        return True
    return key not in SECRET_NAMES and is_secret_name(key)


def safe_repr(path: Sequence[str], value: object) -> str:
    """Returns `repr(value)` for an error message, masked where a key of its path is secret.

    A long one is cut. A function or class is its name, without an address.
    """
    if any(is_secret(key) for key in path) or (isinstance(value, str) and is_known(value)):
        return _kind(value)
    if isinstance(value, type) or inspect.isroutine(value):
        kind = "class" if isinstance(value, type) else "function"
        return f"the {kind} {value.__qualname__}"
    try:
        return short_value(without_known(without_secrets(_repr(value))))
    except Exception:  # an app's own __repr__, or a number of too many digits
        return _named(value)


def _repr(value: object) -> str:
    return repr(redact(value) if isinstance(value, (Mapping, *_LISTS)) else value)


def _kind(value: object) -> str:
    """Returns what a secret is, in the words of an error message."""
    if isinstance(value, str):
        return f"text of {len(value)} characters"
    return "None" if value is None else f"a value of type {type(value).__name__}"


def redact(value: object, names: Collection[str] = SECRET_NAMES) -> object:
    """Returns the value as JSON data (dict, list, str, int, float, bool, None), secrets masked."""
    return _Redactor(frozenset(names)).plain(value, _Place())


def masked(value: object) -> object:
    """Returns the type and length of a secret instead of it; None stays None (core:DUMP-4)."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "<Boolean>"
    if isinstance(value, int | float):
        return "<Number>"
    if isinstance(value, str):
        return f"<String len: {len(value)}>"
    if isinstance(value, _LISTS):
        return "<Array>"
    return _named(value)


@dataclass(frozen=True, slots=True)
class _Place:
    """The path of a value, and the paths of the containers around it by their ids."""

    path: tuple[str, ...] = ()
    above: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    secret: bool = False

    def below(self, holder: object, key: str, *, secret: bool) -> _Place:
        return _Place((*self.path, key), {**self.above, id(holder): self.path}, secret)


@dataclass(frozen=True, slots=True)
class _Redactor:
    names: frozenset[str]

    def plain(self, value: object, place: _Place) -> object:
        if id(value) in place.above:
            return "~" + "~".join(place.above[id(value)])
        if len(place.path) > _DEEPEST:
            return _named(value)
        fields = _fields(value)
        if fields is not None:
            return {key: self._field(key, entry, value, place) for key, entry in fields.items()}
        if place.secret:
            return masked(value)
        if isinstance(value, _LISTS):
            return self._entries(value, _sort(value), place)
        return _scalar(value)

    def _entries(self, holder: object, entries: list[object], place: _Place) -> list[object]:
        pair = len(entries) == 2
        command = entries[0] if entries and isinstance(entries[0], str) else ""
        plain, previous = [], None
        for number, entry in enumerate(entries):
            secret = _names_next(previous, self.names, pair=pair) or joins_password(command, entry)
            plain.append(self.plain(entry, place.below(holder, str(number), secret=secret)))
            previous = entry
        return plain

    def _field(self, key: str, entry: object, holder: object, place: _Place) -> object:
        secret = place.secret or is_secret(key, self.names)
        return self.plain(entry, place.below(holder, key, secret=secret))


def _fields(value: object) -> dict[str, object] | None:
    if isinstance(value, Mapping):
        return {str(key): entry for key, entry in ItemsView(value)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    return None


def _sort(value: Collection[object]) -> list[object]:
    if isinstance(value, set | frozenset):
        return sorted(value, key=lambda each: str(_scalar(each)))
    return list(value)


def _scalar(value: object) -> object:
    if isinstance(value, Enum):
        return _scalar(value.value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return masked(value) if is_known(value) else without_secrets(value)
    return _named(value)


def _names_next(value: object, names: Collection[str], *, pair: bool) -> bool:
    """Returns whether the next item of a list is a secret: after `--password`, or in a pair."""
    named = isinstance(value, str) and (pair or value[:1] == "-")
    return named and is_secret(str(value).lstrip("-"), names)


_NAMES: list[tuple[Callable[[object], bool], Callable[[object], str]]] = [
    (
        lambda v: isinstance(v, bytes | bytearray | memoryview),
        lambda v: f"<Buffer len: {_size(v)}>",
    ),
    (lambda v: isinstance(v, re.Pattern), lambda v: str(v.pattern)),  # type: ignore[attr-defined]
    (lambda v: isinstance(v, PurePath), str),
    (lambda v: isinstance(v, date | time), lambda v: "<Date>"),
    (lambda v: isinstance(v, type), lambda v: f"<Class {_name(v)}>"),
    (inspect.iscoroutinefunction, lambda v: f"<AsyncFunction {_name(v)}>"),
    (inspect.isroutine, lambda v: f"<Function {_name(v)}>"),
]


def _named(value: object) -> str:
    """Returns a text for a value that JSON cannot express (core:DUMP-5)."""
    for is_kind, text in _NAMES:
        if is_kind(value):
            return text(value)
    return f"<{type(value).__name__}>"


def _name(value: object) -> str:
    name = str(getattr(value, "__name__", ""))
    return "anonymous" if name in ("", "<lambda>") else name


def _size(value: object) -> int:
    return len(value)  # type: ignore[arg-type]
