"""Fills the places of a text: `%s`, `{0}`, `{name}` and `%(name)s` (core:I18N-4)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

_PRINTF = re.compile(r"%([sdj%])")
_COUNT = re.compile(r"\{n\}|(?<!%)%d")
_NUMBERED = re.compile(r"\{(\d{1,9})\}")
_NAMED = re.compile(r"\{(\w+)\}|%\((\w+)\)s")


def fill(text: str, values: Sequence[object], named: Mapping[str, object]) -> str:
    """Returns the text with the values in their places; a place without a value stays.

    One list fills `{0}`, one dict or keyword arguments fill `{name}` and `%(name)s`; other values
    fill `%s`, `%d` and `%j` in their order. Values are not searched for places.
    """
    if len(values) == 1 and isinstance(values[0], Mapping):
        return _fill_named(text, {**values[0], **named})
    if named:
        text = _fill_named(text, named)
    if len(values) == 1 and isinstance(values[0], list | tuple):
        return _fill_numbered(text, values[0])
    return _fill_printf(text, values) if values else text


def fill_count(text: str, number: int) -> str:
    """Returns the text with a number in `{n}` and `%d`; `%%` stays, as `{% trans %}` needs it."""
    return _COUNT.sub(str(number), text)


def _fill_named(text: str, named: Mapping[str, object]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return str(named[name]) if name in named else match[0]

    return _NAMED.sub(value, text)


def _fill_numbered(text: str, values: Sequence[object]) -> str:
    def value(match: re.Match[str]) -> str:
        number = int(match[1])
        return str(values[number]) if number < len(values) else match[0]

    return _NUMBERED.sub(value, text)


def _fill_printf(text: str, values: Sequence[object]) -> str:
    rest = iter(values)

    def value(match: re.Match[str]) -> str:
        if match[1] == "%":
            return "%"
        try:
            each = next(rest)
        except StopIteration:
            return match[0]
        return json.dumps(each, default=str) if match[1] == "j" else str(each)

    return _PRINTF.sub(value, text)
