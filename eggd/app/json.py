"""JSON out, as `JSON.stringify` writes it: no blanks, UTF-8 unescaped, NaN as null (core:X-8).

orjson does the work where it is installed; the results are the same without it.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

try:
    import orjson
except ImportError:  # Debian 12 has none
    orjson = None


def _default(value: object) -> object:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if isinstance(value, dict):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON: {value!r}")


_encode: Callable[[Any], str] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_default
).encode


def _dumps_stdlib(value: object) -> bytes:
    try:
        return _encode(value).encode()
    except ValueError:
        return _encode(_finite(value)).encode()


def _dumps_orjson(value: object) -> bytes:
    options = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
    try:
        return bytes(orjson.dumps(value, default=_default, option=options))
    except TypeError:
        # big integers, keys that are no text: the standard library knows them
        return _dumps_stdlib(value)


dumps: Callable[[object], bytes] = _dumps_stdlib if orjson is None else _dumps_orjson
"""Return the UTF-8 JSON of a value; raise TypeError for what JSON cannot say."""


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return value
