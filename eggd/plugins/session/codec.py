"""A session as text: JSON as Egg writes it, in base64 where it is the cookie's own value.

{"user":7,"_expire":1700000000000,"_maxAge":86400000}     milliseconds, as Egg's (process:SES-3)
{"user":7,"_session":true}                                 until the browser's session ends
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from eggd.plugins.session.contents import encode, is_reserved, unfit
from eggd.plugins.session.session import MaxAge

_MOST = 2**53
"""A time of more milliseconds is ignored; Egg's are far smaller."""

_BASE64 = str.maketrans("-_", "+/")


@dataclass(slots=True, kw_only=True)
class StoredSession:
    """A session as it was found: its data, and when it ends."""

    data: dict[str, object] = field(default_factory=dict)
    meta: dict[str, object] = field(default_factory=dict)
    """The reserved keys of the entry."""
    text: str = ""
    """The JSON of both."""

    expires: float | None = None
    """Seconds since the epoch; None for a session of the browser's own."""
    max_age: MaxAge | None = None
    """The lifetime that it had when it was saved; None if it does not say."""


def entry(data: Mapping[str, object], max_age: MaxAge, now: float) -> dict[str, object]:
    """Returns what is stored of a session that is saved at `now` (seconds since the epoch)."""
    if max_age == "session":
        return {**data, "_session": True}
    lifetime = round(max_age * 1000)
    return {**data, "_expire": round(now * 1000) + lifetime, "_maxAge": lifetime}


def dump(values: Mapping[str, object]) -> str:
    """Returns compact JSON. Raises EggError naming the key that JSON cannot hold."""
    try:
        text = encode(values)
        return text if text.isascii() or _is_unicode(text) else _escaped(values)
    except (TypeError, ValueError, RecursionError):
        raise unfit(values) from None


def parse(text: str) -> StoredSession | None:
    """Returns the session of a JSON text; None for other text, however hostile (process:SES-8)."""
    values = decode(text)
    return None if values is None else split(values, text)


def parse_cookie(value: str | None) -> StoredSession | None:
    """Returns the session of a cookie value; None for any other value."""
    text = None if value is None else from_cookie(value)
    return None if text is None else parse(text)


def decode(text: str) -> dict[str, object] | None:
    """Returns the values of a JSON object; None for other text, and if `dump` could not write them.

    Infinite numbers and NaN are not valid JSON: such a session could never be saved.
    """
    try:
        values = _decode(text)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def split(values: Mapping[str, object], text: str) -> StoredSession:
    """Returns data and lifetime of an entry, whose JSON is `text`."""
    data = dict(values)
    meta = {key: data.pop(key) for key in values if is_reserved(key)}
    stored = StoredSession(data=data, meta=meta, text=text)
    expires, max_age = _number(meta.get("_expire")), _number(meta.get("_maxAge"))
    stored.expires = None if expires is None else expires / 1000
    if meta.get("_session"):
        stored.max_age = "session"
    elif max_age is not None and max_age > 0:
        stored.max_age = max_age / 1000
    return stored


def same(stored: StoredSession, data: Mapping[str, object]) -> bool:
    """Returns whether `data` is what was stored, in the same order, as JSON has it (SES-5)."""
    if dump({**data, **stored.meta}) == stored.text:
        return True
    before = parse(stored.text)  # Node writes some numbers and texts in another way
    return before is not None and dump(before.data) == dump(data)


def to_cookie(text: str) -> str:
    """Returns base64 of the text, with padding, as Node's Buffer writes it."""
    return base64.b64encode(text.encode()).decode()


def from_cookie(value: str) -> str | None:
    """Returns the text of a cookie value: base64 in either alphabet, with or without padding."""
    plain = value.translate(_BASE64) if "-" in value or "_" in value else value
    if len(plain) % 4:
        plain = plain.rstrip("=") + "=" * (-len(plain.rstrip("=")) % 4)
    try:
        return binascii.a2b_base64(plain, strict_mode=True).decode()
    except (binascii.Error, ValueError):
        return None


def _finite(text: str) -> float:
    value = float(text)
    if math.isfinite(value):
        return value
    raise ValueError(f"{text} is not finite")


_decode = json.JSONDecoder(parse_float=_finite, parse_constant=_finite).decode


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _MOST:
        return None
    return float(value)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _escaped(values: Mapping[str, object]) -> str:
    return json.dumps(values, separators=(",", ":"), allow_nan=False)
