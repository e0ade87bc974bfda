"""Prints tables, JSON and notes; escapes control characters of foreign texts."""

from __future__ import annotations

from collections.abc import Sequence

import click

from eggd.wire.terminal import visible_json, visible_line

WIDEST = 60
"""Cells longer than this do not widen their column."""
PLAIN_WIDTH = 200
"""Columns of a table of rich that is not printed on a terminal."""


def print_json(value: object) -> None:
    """Prints data as indented JSON."""
    click.echo(visible_json(value))


def print_line(text: str) -> None:
    """Prints one line."""
    click.echo(visible_line(text))


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Prints the rows as lines with aligned columns."""
    click.echo(align(rows))


def warn(text: str) -> None:
    """Prints a warning on standard error."""
    click.echo(f"warning: {visible_line(text)}", err=True)


def note(text: str) -> None:
    """Prints a note on standard error."""
    click.echo(f"note: {visible_line(text)}", err=True)


def align(rows: Sequence[Sequence[str]]) -> str:
    """Returns the rows as lines with aligned columns, each cell on one line."""
    rows = [[visible_line(cell) for cell in row] for row in rows]
    columns = zip(*rows, strict=True)
    widths = [max((len(c) for c in column if len(c) <= WIDEST), default=0) for column in columns]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
