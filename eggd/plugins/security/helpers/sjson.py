"""Data in a script (process:HLP-4)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Final

from eggd import EggError
from eggd.plugins.security.helpers.sjs import sjs

_DROPPED: Final = object()


def sjson(value: object) -> str:
    """Returns data as JSON whose keys and texts are escaped by `sjs` first.

    Bytes are text; functions are dropped, in a list they are null, as are NaN and infinities. The
    value is not changed. Raises EggError for a value of another type, or nested too deeply.
    """
    try:
        safe = _safe(value)
        text = None if safe is _DROPPED else safe
        return json.dumps(text, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise EggError("sjson: the value is nested too deeply, or contains itself") from None


def _safe(value: object) -> object:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return sjs(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes | bytearray):
        return sjs(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        fields = {sjs(key): _safe(each) for key, each in value.items()}
        return {key: each for key, each in fields.items() if each is not _DROPPED}
    if isinstance(value, list | tuple):
        items = [_safe(each) for each in value]
        return [None if each is _DROPPED else each for each in items]
    if callable(value):
        return _DROPPED
    raise EggError(f"sjson: {type(value).__name__} is not a type of JSON", hint="convert it first")
