"""Messages of libraries and of classes, which may quote what a client sent."""

from __future__ import annotations

from collections.abc import Sequence

from eggd import is_secret
from eggd.plugins.validate.text import shortened

_SHORTEST = 3
"""Characters of a value that is masked in a message; a shorter one is a part of any text."""


def safe_message(text: str, data: object, path: Sequence[object]) -> str:
    """Returns a message as one short line; the values of secret fields are masked.

    `path` leads from `data` to the wrong value.
    """
    value, secret = data, False
    for step in path:
        secret = secret or (isinstance(step, str) and is_secret(step))
        value = member(value, step)
    if secret:
        for each in _texts(value):
            text = text.replace(each, "***")
    return shortened(text)


def member(value: object, step: object) -> object:
    """Returns the member of a dict or list at a step of a path, None without one."""
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
        return value[step]
    return None


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    text = str(value) if isinstance(value, str | int | float) else ""
    return sorted({text, repr(text)[1:-1]}, key=len)[::-1] if len(text) >= _SHORTEST else []
