"""Values made fit to be shown: plain JSON data without secrets (core:DUMP-3 to DUMP-7).

A key is secret when it is one of the given names, or has "secret" in it. What is under it is
masked, in lists and mappings, too; elsewhere only the password of a URL is. The value itself is
never changed, and one that holds itself ends in the path of what it repeats (`~config~foo`).
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, time
from enum import Enum
from pathlib import PurePath

SECRET_NAMES = (
    *("pass", "pwd", "passd", "passwd", "password"),
    *("keys", "master_key", "access_key", "masterKey", "accessKey"),
)
"""Keys that are secret unless the config's `dump.ignore` names others."""

_PASSWORD = re.compile(r"(?<=://)([^/?#\s:@]*):[^/?#\s@]+@")
_DEEPEST = 64


def is_secret(key: str, names: Collection[str] = SECRET_NAMES) -> bool:
    """Whether what stands under this key must not be shown (core:DUMP-3)."""
    return key in names or "secret" in key.lower()


def shown(path: Sequence[str], value: object) -> str:
    """Return `repr(value)` for an error message, masked where a key of its path is secret."""
    if any(is_secret(key) for key in path):
        return str(masked(value))
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return repr(redacted(value))
    try:
        return _without_password(repr(value))
    except Exception:  # an app's own __repr__
        return _named(value)


def redacted(value: object, names: Collection[str] = SECRET_NAMES) -> object:
    """Return the value as JSON data (dict, list, str, int, float, bool, None), secrets masked."""
    return _Redactor(names).plain(value, (), {}, secret=False)


def masked(value: object) -> object:
    """Return what is shown of a secret: its kind and length; None stays None (core:DUMP-4)."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "<Boolean>"
    if isinstance(value, int | float):
        return "<Number>"
    if isinstance(value, str):
        return f"<String len: {len(value)}>"
    if isinstance(value, list | tuple | set | frozenset):
        return "<Array>"
    return _named(value)


class _Redactor:
    def __init__(self, names: Collection[str]) -> None:
        self.names = frozenset(names)

    def plain(
        self,
        value: object,
        path: tuple[str, ...],
        above: dict[int, tuple[str, ...]],
        *,
        secret: bool,
    ) -> object:
        fields = _fields(value)
        if fields is None and not isinstance(value, list | tuple | set | frozenset):
            return masked(value) if secret else _scalar(value)
        if id(value) in above:
            return "~" + "~".join(above[id(value)])
        if len(path) > _DEEPEST:
            return _named(value)
        inside = {**above, id(value): path}
        if fields is not None:
            return {
                key: self.plain(
                    entry, (*path, key), inside, secret=secret or is_secret(key, self.names)
                )
                for key, entry in fields.items()
            }
        if secret:
            return masked(value)
        return [
            self.plain(entry, (*path, str(n)), inside, secret=False)
            for n, entry in enumerate(_ordered(value))
        ]


def _fields(value: object) -> dict[str, object] | None:
    if isinstance(value, Mapping):
        items = dict.items(value) if isinstance(value, dict) else value.items()
        return {str(key): entry for key, entry in items}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return None


def _ordered(value: object) -> list[object]:
    assert isinstance(value, list | tuple | set | frozenset)
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
        return _without_password(value)
    return _named(value)


def _without_password(text: str) -> str:
    return _PASSWORD.sub(r"\1:***@", text) if "://" in text else text


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
    """What is shown of a value that JSON has no form for (core:DUMP-5)."""
    for is_kind, text in _NAMES:
        if is_kind(value):
            return text(value)
    return f"<{type(value).__name__}>"


def _name(value: object) -> str:
    name = str(getattr(value, "__name__", ""))
    return "anonymous" if name in ("", "<lambda>") else name


def _size(value: object) -> int:
    return len(value)  # type: ignore[arg-type]
