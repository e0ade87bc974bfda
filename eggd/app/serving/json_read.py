# pyright: reportMissingImports=false, reportOptionalMemberAccess=false
"""Reads JSON: with the same result whether orjson is installed or not (core:BODY-4, BODY-5).

The rules where the two parsers differ: no NaN, no number beyond a double, no half
surrogates, UTF-8 only, at most 500 levels; integers beyond 64 bits are floats, as in a browser.
"""

from __future__ import annotations

import gc
import json
import math
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any, NoReturn

try:
    import orjson
except ImportError:  # Debian 12 has no package of it
    orjson = None

MAX_DEPTH = 500
"""Levels of lists and objects in one text."""

_MANY = MAX_DEPTH + 1

_LARGE = 64 * 1024
"""Texts of more bytes are parsed with the garbage collector off."""

_NESTING = (list, dict)
"""The types of nested values; parsers create no subclasses of them."""

_BACKSLASH = ord("\\")
_PLUS = ord("+")

_SHAPE = bytes.maketrans(b"123456789E", b"000000000e")
"""Makes every digit a 0, so that huge numbers are found at the speed of a substring."""


def read_json(data: bytes) -> object:
    """Returns the value of UTF-8 JSON text; raises ValueError with the reason."""
    # Much faster than counting: `replace` finds rare bytes at the speed of memchr.
    flat = data.replace(b"[", b"", _MANY).replace(b"{", b"", _MANY)
    if len(data) - len(flat) > MAX_DEPTH:
        return _uncollected(data) if len(data) > _LARGE else _shallow(data)
    return _read(data)


def is_poisoned(value: object) -> bool:
    """Returns whether an object in `value` has the key `__proto__` or `constructor.prototype`."""
    return any(
        isinstance(each, dict) and any(_is_poison(key, entry) for key, entry in each.items())
        for level in _levels(value)
        for each in level
    )


def remove_poisoned(value: object) -> object:
    """Returns the value without its poisoned keys."""
    if isinstance(value, list):
        return [remove_poisoned(entry) for entry in value]
    if isinstance(value, dict):
        return {k: remove_poisoned(v) for k, v in value.items() if not _is_poison(k, v)}
    return value


def may_be_poisoned(data: bytes) -> bool:
    """Returns whether `is_poisoned` must check the value: the names may be escaped in the text."""
    return data.find(b"proto") >= 0 or _has_escapes(data)


def _has_escapes(data: bytes) -> bool:
    # One byte is found much faster than two, and most texts have no backslash. Its number is found
    # faster than a text, for which `in` raises and drops a TypeError (2,000 instructions).
    return _BACKSLASH in data and data.find(b"\\u") >= 0


def _is_poison(key: object, value: object) -> bool:
    if key == "constructor":
        return isinstance(value, dict) and "prototype" in value
    return key == "__proto__"


def _read_orjson(data: bytes) -> object:
    try:
        return orjson.loads(data)
    except ValueError:
        # Raises with the same text as without orjson; if it does not, orjson's error is raised.
        _read_stdlib(data)
        raise


def _read_stdlib(data: bytes) -> object:
    try:
        text = data.decode()
    except UnicodeDecodeError as exc:
        raise ValueError(f"the body is not UTF-8, at byte {exc.start}") from exc
    if not _may_differ(data):
        return _plain(text)
    value = _careful(text)
    if "\\u" in text:
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as exc:
            raise ValueError("a text has half of a surrogate pair") from exc
    return value


def _may_differ(data: bytes) -> bool:
    """Returns whether the standard library may read a text differently from orjson."""
    if _has_escapes(data):
        return True
    shape = data.translate(_SHAPE)
    if shape.find(b"0000000000000000000") >= 0 or shape.find(b"e000") >= 0:
        return True
    return _PLUS in shape and shape.find(b"e+000") >= 0


_read: Callable[[bytes], object] = _read_stdlib if orjson is None else _read_orjson


def _uncollected(data: bytes) -> object:
    """Parses a large text with the garbage collector off.

    It would scan the new objects several times: six times the work for many small lists.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        return _shallow(data)
    finally:
        if enabled:
            gc.enable()


def _shallow(data: bytes) -> object:
    """Reads a text that may be nested too deeply; raises ValueError when it is."""
    try:
        value = _read(data)
    except RecursionError:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels") from None
    if sum(1 for _ in _levels(value)) > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
    return value


def _levels(value: object) -> Iterable[list[Any]]:
    """Yields the lists and objects of `value`, level by level: no recursion, hostile depths too."""
    level = [value] if isinstance(value, dict | list) else []
    while level:
        yield level
        non_empty = filter(None, level)  # drops empty ones, of which a text may hold very many
        inner = chain.from_iterable(e.values() if isinstance(e, dict) else e for e in non_empty)
        level = [each for each in inner if type(each) in _NESTING]


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not valid JSON")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError("a number beyond what a double holds")
    return value


def _int(text: str) -> int | float:
    if len(text) < 19:
        return int(text)
    value = int(text) if len(text) < 21 else 1 << 64
    return value if -(1 << 63) <= value < 1 << 64 else _float(text)


_decoder = json.JSONDecoder(parse_constant=_refuse)
_scan = _decoder.scan_once  # type: ignore[attr-defined]  # not in typeshed


def _plain(text: str) -> object:
    """Reads a text, without a search for blanks around it unless it has some."""
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        return _decoder.decode(text)
    return value if end == len(text) else _decoder.decode(text)


_careful = json.JSONDecoder(parse_constant=_refuse, parse_int=_int, parse_float=_float).decode
