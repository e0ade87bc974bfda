"""`eggd dev`: one worker in environment local, which runs the code saved last."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eggd.cli import parameters
from eggd.cli.backend import given
from eggd.cli.discovery import app_here, not_an_app
from eggd.cli.options import Options, check_app
from eggd.wire.terminal import visible_line

if TYPE_CHECKING:
    from eggd.supervisor.foreground import Run

EXAMPLES = """\b
Examples:
  eggd dev                     the app in this directory
  eggd dev shop --port 8000
  eggd dev --debug             debugpy if it is installed, else pdb at breakpoint()
\b
After a save the new code serves within a second; if it cannot start, the old code keeps serving.
"""


@click.command(epilog=EXAMPLES)
@parameters.directory
@click.option(
    "-p", "--port", metavar="ADDRESS", help="[ADDRESS:]PORT or unix:PATH (default: 7001)."
)
@parameters.owner
@parameters.mode
@parameters.framework
@parameters.python
@click.option(
    "--debug",
    is_flag=False,
    flag_value="worker",
    type=click.Choice(["worker", "agent"]),
    help="Debug the worker (or the agent), without time limits.",
)
def command(
    directory: Path | None,
    port: str | None,
    owner: str | None,
    mode: str | None,
    framework: str | None,
    python: str | None,
    debug: str | None,
) -> int:
    """Runs an app for development: one worker in environment local, new code after each save.

    It runs in the foreground; Ctrl-C stops it. If the new code fails, the error is shown and the
    old code keeps serving. It listens on 127.0.0.1 only, unless --port gives an address; if port
    7001 is in use and no port is configured, it takes the next free one.
    """
    from eggd.supervisor.developing import Developing
    from eggd.supervisor.foreground import run

    if directory is None and app_here() is None and Path("pyproject.toml").is_file():
        raise not_an_app(Path.cwd())
    base_dir = given(directory)
    name = check_app(base_dir)
    options = Options(
        port=port,
        owner=owner,
        mode=mode,
        framework=framework,
        python=python,
        title=f"egg-dev-{name}",
    )
    this = _prepare(options, base_dir, debug)

    async def develop(this: Run) -> int:
        from eggd.cli.stubs.keeping import Keeper

        this = replace(this, served=Keeper(base_dir, _warn).refresh)
        return await Developing(this, overlap=debug is None).run()

    return run(this, develop)


def _prepare(options: Options, base_dir: Path, debug: str | None) -> Run:
    from eggd.cli.debugger import add_debugger
    from eggd.cli.launch import prepare_dev_run
    from eggd.supervisor.merged_output import DEBUG, NOTICE, MergedOutput

    this, notes = prepare_dev_run(options, base_dir)
    if debug is not None:
        settings, note = add_debugger(this.settings, debug, os.environ)
        this, notes = replace(this, settings=settings), [*notes, note]
    for note in notes:
        click.echo(note, err=True)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    own = DEBUG if "EGG_LOG" in os.environ else NOTICE
    merged_output = MergedOutput(colour=colour, own=own)
    return replace(this, merged_output=merged_output, ready=_ready, failed=_failed)


def _ready(url: str) -> None:
    click.secho(f"ready: {url}  (env local; Ctrl-C stops)", bold=True)


def _warn(text: str) -> None:
    click.echo(f"types: {visible_line(text)}", err=True)


def _failed(error: Exception) -> None:
    click.echo(f"error: {visible_line(str(error))}", err=True)
