"""Text in HTML (process:HLP-1)."""

from __future__ import annotations

_TABLE = str.maketrans({"&": "&amp;", '"': "&quot;", "'": "&#39;", "<": "&lt;", ">": "&gt;"})


def escape(value: object) -> str:
    """Returns a value as text for HTML, also within a quoted attribute."""
    return str(value).translate(_TABLE)
