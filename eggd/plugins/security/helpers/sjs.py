"""Text in a string of a script (process:HLP-3)."""

from __future__ import annotations

_NAMED = {9: r"\t", 10: r"\n", 13: r"\r", 0x2028: r"\u2028", 0x2029: r"\u2029"}
_ESCAPED = {code: f"\\x{code:02x}" for code in range(128) if not chr(code).isalnum()}
_TABLE = {**_ESCAPED, **_NAMED}


def sjs(value: object) -> str:
    """Returns a value as text for a quoted string of JavaScript: only ASCII letters and digits, and
    characters above ASCII, stay."""
    return str(value).translate(_TABLE)
