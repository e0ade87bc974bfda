"""`eggd top`."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from eggd.cli import parameters
from eggd.cli.output import PLAIN_WIDTH
from eggd.cli.progress import waiting

if TYPE_CHECKING:
    from eggd.cli.topview.rates import Row
    from eggd.cli.topview.source import Source

INTERVAL = 2.0
"""Seconds between two readings without --interval."""
SHORTEST = 1.1
"""Seconds after which the agent makes a new page."""
_MOST_PAGES = 5
"""Pages that are read for one table: the first asks the workers for a report, the second has it."""

EXAMPLES = """\b
Examples:
  eggd top
  eggd top --interval 5
  eggd top --once
  eggd --app shop top --json
\b
Keys: q or Ctrl-C ends it.
"""


@click.command(epilog=EXAMPLES)
@parameters.directory
@click.option("--interval", type=parameters.Seconds(SHORTEST, 3600.0), default=INTERVAL,
              metavar="SECONDS", help=f"Time between two readings (default {INTERVAL:g}, at least "
              f"{SHORTEST:g}).")  # fmt: skip
@click.option("--once", is_flag=True, help="Show one table and end, as without a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object per reading and line.")
def command(directory: Path | None, interval: float, once: bool, as_json: bool) -> None:
    """Shows requests, latencies and resources of each worker, live.

    The figures are those of the metrics between two readings. Every user who may connect to the
    socket of the metrics may run it. With DIR it shows the suite that a supervisor runs there.
    """
    from eggd.cli.topview.source import source

    is_given = click.get_current_context().get_parameter_source("interval")
    if once and is_given is ParameterSource.COMMANDLINE:
        raise click.UsageError("--interval has no effect with --once")
    readings = Readings(source(directory))
    if as_json:
        _stream(readings, interval, once=once)
    elif once or not (sys.stdin.isatty() and sys.stdout.isatty()):
        _show_once(readings)
    else:
        _live(readings, interval)


class Readings:
    """The readings of one suite."""

    def __init__(self, source: Source) -> None:
        from eggd.cli.topview.rates import Rates

        self.rates = Rates()
        self._source = source

    def read(self) -> list[Row]:
        """Returns the rows of one reading; raises EggError."""
        from eggd.cli.topview.figures import figures

        return self.rates.update(figures(self._source.page()))

    def measured(self) -> list[Row]:
        """Returns the rows of the first reading with the rates of all workers: after a few, which
        take seconds. A worker that does not report has no rates."""
        return waiting(self._measured, lambda: f"measuring by {self._source.address}")

    def _measured(self) -> list[Row]:
        rows = self.read()
        for _ in range(_MOST_PAGES):
            if self.rates.known:
                break
            time.sleep(SHORTEST)
            rows = self.read()
        return rows


def _stream(readings: Readings, interval: float, *, once: bool) -> None:
    """Prints an object for each reading, until it is interrupted."""
    try:
        rows = readings.measured()
        while True:
            *workers, total = (asdict(row) for row in rows)
            del total["worker"]
            click.echo(json.dumps({"at": round(time.time(), 3), "workers": workers, "all": total}))
            if once:
                return
            time.sleep(interval)
            rows = readings.read()
    except KeyboardInterrupt:
        click.get_current_context().exit(130)


def _show_once(readings: Readings) -> None:
    from rich.console import Console

    from eggd.cli.topview.screen import table

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    console.print(table(readings.measured(), readings.rates))


def _live(readings: Readings, interval: float) -> None:
    from rich.console import Console
    from rich.live import Live

    from eggd.cli.topview.screen import table
    from eggd.cli.topview.terminal import keys, quits_within

    rows = readings.read()  # before the screen changes: an error is one line
    console = Console(highlight=False)
    with keys(), Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(table(rows, readings.rates), refresh=True)
            if quits_within(interval if readings.rates.known else SHORTEST):
                return
            rows = readings.read()
