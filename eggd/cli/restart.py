"""`eggd restart`."""

from __future__ import annotations

import click

from eggd.cli import suite


@click.command(epilog="\b\nExample:\n  eggd restart")
def command() -> None:
    """Stop and start; the listening socket stays open, so nobody is refused.

    Prefer 'eggd reload' for new code: it keeps the workers serving."""
    click.echo(suite.restart())
