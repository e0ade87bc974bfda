"""Query strings, both ways (core:REQ-1..4, core:X-13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from eggd.wire.percent import as_sent, mend, unescape

MAX_PAIRS = 1000
"""Pairs of a query that are parsed (core:REQ-4)."""


def parse_query(text: str) -> dict[str, list[str]]:
    """Returns the values of each key; a malformed escape is kept, an empty key is dropped.

    A query with more than `MAX_MALFORMED` malformed escapes keeps all its escapes.
    """
    parsed: dict[str, list[str]] = {}
    whole = mend(text)
    text, decode = (text, as_sent) if whole is None else (whole, unescape)
    for pair in text.split("&", MAX_PAIRS)[:MAX_PAIRS]:
        key, _, value = pair.partition("=")
        if key:
            parsed.setdefault(decode(key), []).append(decode(value))
    return parsed


def first_values(text: str) -> dict[str, str]:
    """Returns the first value of each key, as `parse_query` reads them.

    A query without escapes needs neither lists nor decoding: 1,900 instructions for `verbose=1`
    instead of 11,000 (docs/performance.md).
    """
    if "%" in text or "+" in text:
        return {key: values[0] for key, values in parse_query(text).items()}
    if "&" not in text:
        key, _, value = text.partition("=")
        return {key: value} if key else {}
    parsed: dict[str, str] = {}
    pairs = text.split("&", MAX_PAIRS)
    if len(pairs) > MAX_PAIRS:
        pairs.pop()  # the rest of the text
    for pair in pairs:
        key, _, value = pair.partition("=")
        if key and key not in parsed:
            parsed[key] = value
    return parsed


def with_aliases(parsed: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Returns the values with an alias `a` for `a[]` if no plain `a` was sent (core:REQ-2)."""
    aliases = {
        key[:-2]: values
        for key, values in parsed.items()
        if key.endswith("[]") and not key[:-2].endswith("]") and key != "[]"
    }
    return {**aliases, **parsed}


def build_query(values: Mapping[str, object]) -> str:
    """Returns a query string as encodeURIComponent writes it; a list repeats its key."""
    return "&".join(
        f"{_encode(key)}={_encode(one)}" for key, value in values.items() for one in _several(value)
    )


def _several(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple) else (value,)


def _encode(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote(str(value), safe="!~*'()", errors="replace")
