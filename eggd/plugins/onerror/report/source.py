"""Lines of source files: those around a line, and the whole text for a search."""

from __future__ import annotations

import linecache
import os
import stat
from collections.abc import Mapping, Sequence

from eggd import without_secrets
from eggd.plugins.onerror.report.coloring import Color
from eggd.plugins.onerror.report.model import SourceLine

_LARGEST = 2_000_000
"""Bytes of a file that is read."""
_LONGEST = 400
"""Characters of a line that are kept."""


NO_COLORS: Mapping[int, Sequence[Color]] = {}
"""The colors of a file that stays without any."""


def lines_of(file: str) -> Sequence[str]:
    """Returns the lines of a regular file; () if it is missing, large or unreadable."""
    try:
        status = os.stat(file)
    except (OSError, ValueError):
        return ()
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        return ()
    try:
        linecache.checkcache(file)
        return linecache.getlines(file)
    except Exception:  # a text in another encoding
        return ()


def around(
    file: str,
    line: int,
    before: int,
    after: int,
    *,
    span: tuple[int, int] | None = None,
    colors: Mapping[int, Sequence[Color]] = NO_COLORS,
) -> list[SourceLine]:
    """Returns the lines around one, with secrets masked.

    `span` are the bytes of an expression in it, `colors` those of the file by line. A line that is
    masked has neither.
    """
    lines = lines_of(file)
    if not 0 < line <= len(lines):
        return []
    first, last = max(1, line - before), min(len(lines), line + after)
    texts = [lines[number - 1].rstrip("\r\n")[: 2 * _LONGEST] for number in range(first, last + 1)]
    masked = without_secrets("\n".join(texts)).split("\n")
    if len(masked) != len(texts):
        masked = [without_secrets(text) for text in texts]
    return [
        SourceLine(
            number,
            text[:_LONGEST],  # masked before it is cut: the head of a secret is one, too
            number == line,
            _span(text, original, span) if number == line else None,
            colors.get(number, ()) if text == original else (),
        )
        for number, text, original in zip(range(first, last + 1), masked, texts, strict=True)
    ]


def _span(text: str, original: str, span: tuple[int, int] | None) -> tuple[int, int] | None:
    """Returns the characters of a span of bytes, None where it is the whole line or unknown."""
    if span is None or text != original:
        return None
    data = text.encode("utf-8", "surrogatepass")
    text = text[:_LONGEST]
    start, end = (min(len(text), len(data[:at].decode("utf-8", "replace"))) for at in span)
    whole = text[start:end] == text.strip()
    return None if whole or start >= end else (start, end)
