"""Print a digest of the secret."""

import hashlib

import click


@click.command()
def command(app):
    """Prints a digest of the secret."""
    click.echo(hashlib.sha256(app.config.bank.plain.encode()).hexdigest())
