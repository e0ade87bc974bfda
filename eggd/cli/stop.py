"""`eggd stop`."""

from __future__ import annotations

import click

from eggd.cli import suite


@click.command(epilog="\b\nExample:\n  eggd stop")
def command() -> None:
    """Stop every part: workers answer what they have, then the agent goes, and the sockets."""
    click.echo(suite.stop())
