"""Fills the places of a text: `%s`, `{0}`, `{name}` and `%(name)s` (core:I18N-4)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

_PLACE = re.compile(r"%([sdj%])|\{(\w+)\}|%\((\w+)\)s")
_COUNT = re.compile(r"\{n\}|(?<!%)%d")
_NUMBER = re.compile(r"\d{1,9}")


def fill(text: str, values: Sequence[object], named: Mapping[str, object]) -> str:
    """Returns the text with the values in their places; a place without a value stays.

    One list fills `{0}`, one dict or keyword arguments fill `{name}` and `%(name)s`; other values
    fill `%s`, `%d` and `%j` in their order.
    """
    listed: Sequence[object] = ()
    if len(values) == 1 and isinstance(values[0], Mapping):
        named, values = {**values[0], **named}, ()
    elif len(values) == 1 and isinstance(values[0], list | tuple):
        listed, values = values[0], ()
    rest = iter(values)

    def value(match: re.Match[str]) -> str:
        if match[1]:
            return _printf(match, rest) if values else match[0]
        name = match[2] or match[3]
        if name in named:
            return str(named[name])
        is_number = match[2] is not None and _NUMBER.fullmatch(name)
        return str(listed[int(name)]) if is_number and int(name) < len(listed) else match[0]

    # One pass: values are not searched for places.
    return _PLACE.sub(value, text)


def fill_count(text: str, number: int) -> str:
    """Returns the text with a number in `{n}` and `%d`; `%%` stays, as `{% trans %}` needs it."""
    return _COUNT.sub(str(number), text)


def _printf(match: re.Match[str], rest: Iterator[object]) -> str:
    if match[1] == "%":
        return "%"
    try:
        each = next(rest)
    except StopIteration:
        return match[0]
    return json.dumps(each, default=str) if match[1] == "j" else str(each)
