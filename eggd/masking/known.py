"""Masks the values of credentials, whatever key or text they are in.

`secrets` recognises a secret by its name or shape. The value of a credential may have neither: it
is remembered when the app reads it.
"""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

from eggd.wire.html_text import escape_html

MASK = "***"

SHORTEST = 8
"""Characters of a value that is masked within texts. A shorter one could be a word of any text, so
it is masked only where it is a whole value of the config."""

FORMS: list[str] = []
"""Masked strings: each value and its escaped forms, the longest first, as one may be a
part of another. Empty without credentials, so that a log line costs nothing."""

_values: set[str] = set()


def remember(value: str) -> None:
    """Masks this value from now on, in this process."""
    if not value or value in _values:
        return
    _values.add(value)
    if len(value) >= SHORTEST:
        FORMS[:] = sorted({*FORMS, *_written(value)}, key=len, reverse=True)


def is_known(text: str) -> bool:
    """Returns whether the whole text is the value of a credential, however short."""
    return text in _values


def without_known(text: str) -> str:
    """Returns the text with each known value in it replaced by `***`.

    Its forms in `repr`, JSON, URLs and HTML are replaced, too.
    """
    for form in FORMS:
        if form in text:
            text = text.replace(form, MASK)
    return text


def _written(value: str) -> set[str]:
    """Returns a value as Python, JSON, a URL or HTML shows it."""
    quoted = (repr(value), json.dumps(value), json.dumps(value, ensure_ascii=False))
    percent = (quote(value, safe=""), quote(value), quote_plus(value))
    return {value, *(each[1:-1] for each in quoted), *percent, escape_html(value)}
