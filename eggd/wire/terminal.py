"""Escapes foreign text for a terminal, a journal entry or a status line.

A terminal obeys control characters (ECMA-48: C0, C1, DEL), reorders by bidirectional ones (Unicode
UAX 9) and breaks lines at more characters than a program that splits at line feeds. Every such
character is replaced by its escape (`\\x1b`), so that a text cannot
affect the text around it, and no character is lost. Lone surrogates are escaped, too: they cannot
be encoded.
"""

from __future__ import annotations

import math
import re

_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and line feed, DEL, C1
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # separators of lines, bidirectional controls
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # invisible: byte order mark, annotations, tags
    "\ud800-\udfff]"
)
_SHORT = {"\r": "\\r"}


def visible(text: str) -> str:
    """Returns the text with control characters escaped; line feeds and tabs stay."""
    return text if text.isprintable() else _CONTROL.sub(_escape, text)


def visible_line(text: str) -> str:
    """Returns the text as one line: white space becomes single blanks, control characters escapes.

    The length is not limited; a caller with a limit cuts the result.
    """
    return visible(" ".join(text.split()))


def visible_json(value: object, indent: int | None = 2) -> str:
    """Returns data as JSON text without control characters, equal when read back."""
    import json  # not for `eggd --help`

    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return text if text.isprintable() else _CONTROL.sub(_json_escape, text)


def visible_data(value: object, deepest: int = 8) -> object:
    """Returns JSON data with each text and key as one visible line.

    A value nested deeper than `deepest` levels becomes None; so does a number that is not finite.
    """
    if isinstance(value, str):
        return visible_line(value)
    if isinstance(value, dict | list) and deepest < 1:
        return None
    if isinstance(value, dict):
        return {visible_line(str(k)): visible_data(v, deepest - 1) for k, v in value.items()}
    if isinstance(value, list):
        return [visible_data(each, deepest - 1) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def _json_escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
