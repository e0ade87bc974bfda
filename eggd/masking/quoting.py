"""Cuts long values that an error quotes, so that the rest of its line can be read."""

from __future__ import annotations

import re

MOST = 200
"""Characters of a quoted value that are shown in full."""
_KEPT = 100
"""Characters that are shown of a longer one."""
# An apostrophe within a word does not begin or end a quotation. The value may lack its end.
_QUOTED = re.compile(
    "|".join(
        rf"(?<!\w){mark}(?:\\.|[^{mark}\\]){{{MOST + 1},}}+(?:{mark}(?!\w)|\Z)" for mark in "'\""
    ),
    re.DOTALL,
)


def short_quotes(text: str) -> str:
    """Returns a text in which values in quotes have at most 200 characters.

    Of a longer one the first 100 are shown, with its length. Secrets must be masked before.
    """
    return _QUOTED.sub(_cut, text) if len(text) > MOST else text


def short_value(text: str) -> str:
    """Returns a value for an error: at most 200 characters, else the first 100 and its length."""
    if len(text) <= MOST or text[:1] in "'\"":  # `short_quotes` cuts quoted text
        return text
    return f"{text[:_KEPT]}... ({len(text)} characters)"


def _cut(match: re.Match[str]) -> str:
    mark = match[0][0]
    value = match[0][1:].removesuffix(mark)
    begin = value[:_KEPT].removesuffix("\\")
    return f"{mark}{begin}{mark}... ({len(value)} characters)"
