"""The tables of `eggd status`: the processes of a suite, and the servers that they need."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from textwrap import shorten

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from eggd.cli import dependency_table
from eggd.cli.output import PLAIN_WIDTH
from eggd.cli.view import RECYCLING, View, word
from eggd.suite.slots import SPARE
from eggd.wire.terminal import visible_line

HEADINGS = ("", "state", "pid", "for", "requests", "connections", "")

_COLOURS = {
    **{"ready": "green", "starting": "yellow", "stopping": "yellow", RECYCLING: "yellow"},
    dependency_table.WORKS: "green",
}
"""Of states; the others are red."""
LONGEST_NOTE = 100
"""The most characters of the reason of a restart; `eggd status --json` has the whole text."""

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def show(view: View, title: str) -> None:
    """Prints the title, a table of the processes, one of their dependencies, and the problems."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    click.echo(visible_line(title))
    console.print(_table(HEADINGS, [(name, *_cells(each)) for name, each in _rows(view)]))
    if needed := dependency_table.rows(view):
        console.print()
        console.print(_table(dependency_table.HEADINGS, needed))
    for problem in view["problems"]:
        click.secho(visible_line(problem), fg="red")
    for note in [*_notes(view), *(f"pending: {change}" for change in view.get("pending", ()))]:
        click.secho(visible_line(note), fg="yellow")


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Returns a table whose second column is a state."""
    table = Table(*headings, box=None, pad_edge=False)
    for row in rows:
        cells = [Text(visible_line(cell)) for cell in row]
        cells[1].stylize(_COLOURS.get(row[1], "red"))
        table.add_row(*cells)
    return table


def _notes(view: View) -> Iterator[str]:
    """Yields a line if the agent runs old files, and one if its code has failed (process:CL-93)."""
    agent = view["agent"]
    if agent["pid"] and agent.get("outdated"):
        yield agent["outdated"]
    if agent["pid"] and (count := agent.get("errors", 0)):
        last = agent.get("last_error", "")
        yield f"errors of the agent: {count}, the last: {last} (see common-error.log)"


def _rows(view: View) -> list[tuple[str, View]]:
    workers = [(f"worker {each['slot']}", each) for each in view["workers"]]
    return [("agent", {**view["agent"], "enabled": True}), *workers]


def _cells(each: View) -> list[str]:
    up = bool(each["pid"])
    return [
        word(each["state"]),
        str(each["pid"]) if up else "",
        _ago(time.time() - each["since"]) if up and each["since"] else "",
        str(each.get("requests", "")),
        str(each.get("connections", "")),
        _note(each),
    ]


def _note(each: View) -> str:
    if each.get("slot") == SPARE and "slot" in each:
        return "the spare of a reload"
    notes = ["" if each["enabled"] else "not enabled", _last_restart(each)]
    return ", ".join(filter(None, notes))


def _last_restart(each: View) -> str:
    text = each.get("last_restart", {}).get("text")
    return f"last restart: {shorten(text, LONGEST_NOTE)}" if isinstance(text, str) else ""


def _ago(seconds: float) -> str:
    for length, name in _UNITS:
        if seconds >= length:
            return f"{seconds // length:.0f} {name}"
    return "0 s"
