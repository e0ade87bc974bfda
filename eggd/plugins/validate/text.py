"""Values as text in messages, and the paths of fields."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

LONGEST = 300
"""Characters of a message; those of classes may quote what a client sent."""
_LONGEST_KEY = 100
"""Characters of a key in a path; a client may have chosen it."""
_LARGEST = 10**308
"""Above it a number is infinite for JavaScript, and its text is expensive."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def as_text(value: object) -> str:
    """Returns a value as JavaScript's String() does: `true`, "" for null, 1 for 1.0."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return str(int(value)) if abs(value) < 1e21 else repr(value)
    return str(value)


def number_text(value: float) -> str | None:
    """Returns the text of a number, None for one that JSON could not carry."""
    if isinstance(value, float):
        return as_text(value) if math.isfinite(value) else None
    return as_text(value) if -_LARGEST < value < _LARGEST else None


def joined(values: Iterable[object]) -> str:
    """Returns values with commas, cut to the length of a message."""
    return shortened(", ".join(as_text(each) for each in values))


def shortened(text: str, length: int = LONGEST) -> str:
    """Returns a text without control characters, cut with an ellipsis."""
    text = _CONTROL.sub(" ", text[: length + 1])
    return text if len(text) <= length else f"{text[: length - 3]}..."


def value_text(value: object) -> str:
    """Returns a value of a wrong rule as one short line: its repr, or its type if that fails."""
    try:
        return shortened(repr(value), _LONGEST_KEY)
    except Exception:
        return f"<{type(value).__name__}>"


def child(path: str, key: object) -> str:
    """Returns the path of a member: `items[2].price`."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    name = shortened(str(key), _LONGEST_KEY)
    return f"{path}.{name}" if path else name
