"""`eggd start`."""

from __future__ import annotations

import click

from eggd.cli import suite


@click.command(epilog="\b\nExample:\n  eggd start")
def command() -> None:
    """Start the agent and every enabled worker; wait until all are ready.

    Where one cannot start nothing is left running, and the error says which and why."""
    click.echo(suite.start())
