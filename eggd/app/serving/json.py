# pyright: reportMissingImports=false, reportOptionalMemberAccess=false
"""Writes JSON as `JSON.stringify` does: no blanks, UTF-8 unescaped, NaN as null (core:X-8).

orjson is used if it is installed, else rapidjson. The results are the same without them, except for
the form of a number's exponent by orjson (1e16, 1e+16), which differs between its versions.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import Enum
from uuid import UUID

from eggd.app.serving.json_rapid import writer
from eggd.wire.compact_json import encoder

try:
    import orjson
except ImportError:  # Debian 12 has no package of it, but of rapidjson
    orjson = None

_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_NUMBER = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _default(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON: {value!r}")


_encode = encoder(_default)


def _dumps_stdlib(value: object) -> bytes:
    """Returns the UTF-8 JSON of a value. Raises TypeError for one that JSON cannot represent."""
    try:
        return _encode(value).encode()
    except (ValueError, RecursionError):
        return _dumps_careful(value)


def _dumps_careful(value: object) -> bytes:
    """Writes a value with NaN, infinite numbers, half surrogates, or cycles."""
    try:
        text = _encode(_finite(value))
    except RecursionError:
        raise TypeError("cannot be written as JSON: nested too deeply, or in itself") from None
    except ValueError as exc:  # an integer of more than 4300 digits
        raise TypeError(f"cannot be written as JSON: {exc}") from None
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text).encode()


def _options() -> int:
    """Returns the options by which orjson leaves dates and dataclasses to `_default`."""
    if orjson is None:
        return 0
    return int(orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS)


_OPTIONS = _options()


def _dumps_orjson(value: object) -> bytes:
    """Returns the UTF-8 JSON of a value. Raises TypeError for one that JSON cannot represent."""
    try:
        data: bytes = orjson.dumps(value, _default, _OPTIONS)
        return data
    except TypeError:
        # The standard library knows big integers, and keys that are not text.
        return _dumps_stdlib(value)


_dumps_rapidjson = writer(_default, _dumps_stdlib)

dumps: Callable[[object], bytes] = _dumps_rapidjson or _dumps_stdlib
if orjson is not None:
    dumps = _dumps_orjson
"""Returns the UTF-8 JSON of a value. Raises TypeError for a value that JSON cannot represent."""


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {_key(key): _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    if value is None or isinstance(value, str | int | float):
        return value
    return _finite(_default(value))


def _key(key: object) -> object:
    return _NO_NUMBER.get(str(key), key) if isinstance(key, float) else key
