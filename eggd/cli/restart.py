"""`eggd restart`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from eggd.cli import parameters, suite
from eggd.cli.backend import Local, by_systemd
from eggd.suite.names import SuiteNames


@click.command(epilog="\b\nExamples:\n  eggd restart\n  eggd restart /srv/shop")
@parameters.directory
def command(directory: Path | None) -> None:
    """Stops and starts the suite; the listening socket stays open and queues connections.

    For new code prefer 'eggd reload', which never stops serving.
    """
    if by_systemd(directory):
        click.echo(suite.restart(SuiteNames.chosen(os.environ)))
    else:
        local = Local(directory)
        click.echo(local.serving("restarted", local.ask("restarting", command="restart")))
