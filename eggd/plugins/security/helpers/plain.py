"""Values that a page can show without a check, and all others as text.

A client chooses the type of a field of JSON, and of `a[]=` in a form: a list that reached a page
unchecked would bring its text into it.
"""

from __future__ import annotations


def is_plain(value: object) -> bool:
    """Returns whether a value has no text of a client: None, a number or a bool."""
    return value is None or isinstance(value, bool | int | float)
