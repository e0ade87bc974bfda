"""`eggd reload`."""

from __future__ import annotations

import click

from eggd.cli import suite


@click.command(epilog="\b\nExample:\n  eggd check && eggd reload")
def command() -> None:
    """Replace the running workers one at a time by new ones; no request fails.

    A spare starts on the new code first. Where that fails no worker is touched."""
    click.echo(suite.reload())
