"""A link to a safe scheme (process:HLP-2)."""

from __future__ import annotations

import re
from collections.abc import Collection

from eggd.plugins.security.helpers.plain import is_plain

SCHEMES = frozenset(("http", "https", "file", "data"))
"""The schemes that links may always have."""

_TABLE = str.maketrans({'"': "&quot;", "<": "&lt;", ">": "&gt;", "'": "&#x27;"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def surl(value: object, schemes: Collection[str] = ()) -> object:
    """Returns a URL for a quoted attribute; "" if it is neither a path nor of a safe scheme.

    `schemes`, in lower case, are safe beside `SCHEMES`. None and numbers are returned unchanged; a
    value of another type is "". `//host` is refused: it leads to another site, as a path does not.
    """
    if is_plain(value):
        return value
    if not isinstance(value, str):
        return ""
    if value.startswith("/"):
        safe = not _leads_elsewhere(value)
    else:
        scheme, separator, _ = value.partition("://")
        safe = bool(separator) and (scheme.lower() in SCHEMES or scheme.lower() in schemes)
    return value.translate(_TABLE) if safe else ""


def _leads_elsewhere(path: str) -> bool:
    """Returns whether a browser reads a path as `//host`; it drops tabs and line breaks."""
    if _CONTROL.search(path):
        return True
    rest = path[1:]
    if rest.startswith("&"):
        from html import unescape  # for the first such URL: its table takes 320 KiB

        try:
            rest = unescape(rest).lstrip("\t\n\r")
        except ValueError:  # a number of more than 4300 digits
            return True
    return rest.startswith(("/", "\\"))
