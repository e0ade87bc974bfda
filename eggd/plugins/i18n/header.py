"""The languages of Accept-Language (RFC 9110 section 12.5.4), of any length and content."""

from __future__ import annotations

import re

LONGEST = 1000
"""Characters of the field that are read: far more than any browser sends."""
_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?"
)


def languages(field: str) -> list[str]:
    """Returns the languages, the most preferred first; without refused and malformed ones."""
    ranges = []
    for part in field[:LONGEST].split(","):
        match = _RANGE.fullmatch(part)
        quality = float(match[2] or 1) if match else 0.0
        if match and quality > 0:
            ranges.append((match[1], quality))
    return [name for name, _ in sorted(ranges, key=lambda each: -each[1])]
