"""`eggd reload`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from eggd.cli import parameters, suite
from eggd.cli.backend import Local, by_systemd
from eggd.cli.output import warn
from eggd.cli.view import outdated
from eggd.suite.names import SuiteNames


@click.command(epilog="\b\nExamples:\n  eggd check && eggd reload\n  eggd reload /srv/shop")
@parameters.directory
def command(directory: Path | None) -> None:
    """Replaces the running workers one at a time; no request fails.

    A spare worker starts on the new code first. If it cannot start, no worker is replaced.
    A warning names files that the running agent has loaded in an older version.
    """
    if by_systemd(directory):
        names = SuiteNames.chosen(os.environ)
        click.echo(suite.reload(names))
        runtime = Path(names.runtime)
    else:
        local = Local(directory)
        click.echo(local.serving("reloaded", local.ask("reloading", command="reload")))
        assert local.suite is not None
        runtime = local.suite.run
    if text := outdated(runtime):
        warn(text)
