"""`eggd version`: the version of eggd and of Python."""

from __future__ import annotations

import platform

import click

from eggd.version import __version__


@click.command(epilog="\b\nExample:\n  eggd version")
def command() -> None:
    """Prints the version of eggd and of its Python."""
    click.echo(f"eggd {__version__} (Python {platform.python_version()})")
