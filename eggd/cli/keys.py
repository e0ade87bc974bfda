"""`eggd keys new`: a new secret for the config key `keys`."""

from __future__ import annotations

import secrets

import click

BYTES = 32
"""Random bytes of a key; as base64url they are 43 characters."""

WHERE = """
This key signs and encrypts cookies. It is shown this once, and belongs in no repository: store it
with 'eggd credential set keys', and let config/config_prod.py read it:

    from eggd import credential

    keys = credential("keys")

To replace a key, put the new one before the old one, with a comma between them. Remove the old one
when the cookies that it signed have expired."""


@click.command(epilog="\b\nExample:\n  eggd keys new")
@click.argument("action", metavar="new", type=click.Choice(["new"]))
def command(action: str) -> None:
    """Prints a new key on standard output, and on standard error where it belongs.

    The key is 32 random bytes as base64url.
    """
    click.echo(secrets.token_urlsafe(BYTES))
    click.echo(WHERE, err=True)
