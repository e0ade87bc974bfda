"""Rows of text as aligned columns, fit for a terminal and for grep alike."""

from __future__ import annotations

from collections.abc import Sequence

from eggd.wire.terminal import visible_line

WIDEST = 60
"""Cells longer than this do not widen their column."""


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return the rows as lines, the cells of a column below each other.

    A cell is one line without control characters, whatever it was made of.
    """
    rows = [[visible_line(cell) for cell in row] for row in rows]
    columns = zip(*rows, strict=True)
    widths = [max((len(c) for c in column if len(c) <= WIDEST), default=0) for column in columns]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
