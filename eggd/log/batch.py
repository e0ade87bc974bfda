"""Joins the lines that a file has collected: checked together, masked and escaped if necessary.

Most lines need neither. Searching all of them at once takes a tenth of the time.
"""

from __future__ import annotations

from eggd.log.text import clean
from eggd.masking.known import FORMS, without_known

LATE = 300
"""The most characters of a text that is left to the flush: a turn of the loop stays short even if
every line must be escaped."""
_FEW = 12
"""The number of lines below which a check of each is faster."""
_CONTROL = (*(bytes((code,)) for code in range(0x20) if code != 0x09), b"\x7f")
_SPECIAL = (b"\xc2", b"\xd8\x9c", b"\xe2\x80", b"\xe2\x81", b"\xef\xbb", b"\xef\xbf", b"\xf3\xa0")
"""The first bytes in UTF-8 of all other characters that `clean` escapes, and of harmless ones."""


def join(lines: list[str]) -> str:
    """Returns the lines with their line breaks, credentials masked and control characters escaped.

    No text in a line can forge another line.
    """
    if len(lines) < _FEW or _is_suspect("".join(lines)):
        lines = [checked(line) for line in lines]
    return "\n".join([*lines, ""])


def checked(text: str) -> str:
    """Returns a text, credentials masked and control characters escaped."""
    if FORMS:
        text = without_known(text)
    return text if text.isprintable() else clean(text)


def _is_suspect(text: str) -> bool:
    """Returns whether a text may contain a credential, a line break or a control character."""
    for form in FORMS:
        if form in text:
            return True
    try:
        data = text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return True
    # A loop over `in` searches by memchr(3): ten times as fast as a regular expression.
    for part in _CONTROL if text.isascii() else (*_CONTROL, *_SPECIAL):
        if part in data:
            return True
    return False
