# pyright: reportMissingImports=false, reportOptionalMemberAccess=false
"""Writes JSON with rapidjson, if it is installed: the bytes are those of the standard library.

rapidjson writes dicts, lists, text and numbers. Values that it writes differently, or not at all,
are left to the standard library, and so are all errors but one: a `rapidjson.RawJSON` is written as
it is. rapidjson has no option against it, and counts no instances.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import cast
from uuid import UUID

try:
    import rapidjson
except ImportError:
    rapidjson = None

Convert = Callable[[object], object]
"""Replaces a value that JSON cannot represent."""

_BACKSLASH = ord("\\")
_REPR: object = float.__repr__

Write = Callable[[object], bytes]
"""Returns the UTF-8 JSON of a value, or raises TypeError."""


def writer(default: Convert, standard: Write) -> Write | None:
    """Returns a function that writes as `standard` does, and faster; None without rapidjson.

    `default` replaces a value that JSON cannot represent.
    """
    if rapidjson is None:
        return None
    encode = _encoder(_converters(default))

    def write(value: object) -> bytes:
        """Returns the UTF-8 JSON of a value, or raises TypeError if JSON cannot represent it."""
        if float.__subclasses__() and _has_own_repr(float):
            return standard(value)
        try:
            data: bytes = encode(value).encode()
        except Exception:
            return standard(value)
        # Control characters have capital letters (\u001F). One byte is found faster than three.
        if _BACKSLASH in data and data.find(b"\\u0") >= 0:
            return standard(value)
        return data

    return write


def _converters(default: Convert) -> dict[type, Convert]:
    """Returns the functions that replace values of more types.

    The replacement runs no code of the app, which might change a list while rapidjson reads it:
    no dataclasses, no enums.
    """
    # rapidjson would write tuples itself, but then iterators, too.
    lists: dict[type, Convert] = dict.fromkeys((tuple, set, frozenset), cast("Convert", list))
    return {**lists, **dict.fromkeys((date, datetime, UUID), default)}


def _encoder(converters: dict[type, Convert]) -> Callable[[object], str]:
    def convert(value: object) -> object:
        converter = converters.get(type(value))
        if converter is None:
            raise TypeError  # without a text: rapidjson's own error has the repr() of the value
        return converter(value)

    encoder: Callable[..., Callable[[object], str]] = type(
        "Encoder", (rapidjson.Encoder,), {"__slots__": (), "default": staticmethod(convert)}
    )
    return encoder(
        ensure_ascii=False,
        number_mode=rapidjson.NM_NATIVE,  # without NaN; integers beyond 64 bits are an error
        bytes_mode=rapidjson.BM_NONE,
        iterable_mode=rapidjson.IM_ONLY_LISTS,
        mapping_mode=rapidjson.MM_ONLY_DICTS,
    )


def _has_own_repr(parent: type[float]) -> bool:
    """Returns whether a subclass of float has its own repr(), by which rapidjson 1.4 writes it."""
    children: list[type[float]] = type.__subclasses__(parent)
    return any(each.__repr__ is not _REPR or _has_own_repr(each) for each in children)
