"""`eggd dev`: one worker in env local, on what was saved last."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eggd.cli.backend import given
from eggd.cli.options import Options, check_app
from eggd.wire.terminal import visible_line

if TYPE_CHECKING:
    from eggd.supervisor.foreground import Run

EXAMPLES = """\b
Examples:
  eggd dev                     the app in this folder
  eggd dev shop --port 8000
  eggd dev --debug             debugpy where it is installed, else pdb at breakpoint()
\b
A save is served in less than a second. Where the new code does not start the old code serves on.
"""


@click.command(epilog=EXAMPLES)
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("-p", "--port", metavar="[ADDRESS:]PORT", help="Listen there. [7001, or next free]")
@click.option("--framework", metavar="PACKAGE", help="Framework. [the app's own choice]")
@click.option("--python", metavar="FILE", help="Interpreter of the processes. [this one]")
@click.option(
    "--debug",
    is_flag=False,
    flag_value="worker",
    type=click.Choice(["worker", "agent"]),
    help="Debug the worker (or the agent): nothing is killed for being slow.",
)
def command(
    directory: Path | None,
    port: str | None,
    framework: str | None,
    python: str | None,
    debug: str | None,
) -> int:
    """Runs the app while it is written: one worker, env local, new code after each save.

    In the foreground; Ctrl-C ends it. An error in the code is shown once and survived. It listens
    on this host alone, unless --port names an address.
    """
    from eggd.supervisor.developing import Developing
    from eggd.supervisor.foreground import run

    base_dir = given(directory)
    name = check_app(base_dir)
    options = Options(port=port, framework=framework, python=python, title=f"egg-dev-{name}")
    this = _prepared(options, base_dir, debug)

    async def develop(this: Run) -> int:
        return await Developing(this, overlap=debug is None).run()

    return run(this, develop)


def _prepared(options: Options, base_dir: Path, debug: str | None) -> Run:
    from eggd.cli.debugging import debugged
    from eggd.cli.launch import developed
    from eggd.supervisor.journal import Journal

    this, notes = developed(options, base_dir)
    if debug is not None:
        settings, note = debugged(this.settings, debug, os.environ)
        this, notes = replace(this, settings=settings), [*notes, note]
    for note in notes:
        click.echo(note, err=True)
    journal = Journal(colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
    return replace(this, journal=journal, ready=_ready, failed=_failed)


def _ready(url: str) -> None:
    click.secho(f"ready: {url}  (env local; a save is served at once, Ctrl-C ends)", bold=True)


def _failed(error: Exception) -> None:
    click.echo(f"error: {visible_line(str(error))}", err=True)
