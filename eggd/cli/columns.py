"""Rows of text as aligned columns, fit for a terminal and for grep alike."""

from __future__ import annotations

from collections.abc import Sequence

from eggd.wire.terminal import visible_line

WIDEST = 60
"""Cells longer than this do not widen their column."""


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Returns the rows as lines with aligned columns.

    Each cell is shown as one line without control characters.
    """
    rows = [[visible_line(cell) for cell in row] for row in rows]
    columns = zip(*rows, strict=True)
    widths = [max((len(c) for c in column if len(c) <= WIDEST), default=0) for column in columns]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
