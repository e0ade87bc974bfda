"""`eggd keys`: makes and replaces the secrets of the config key `keys`."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from eggd.cli.credential import local_option, root_option, save, store_of
from eggd.cli.group import LoadedGroup
from eggd.cli.output import note, print_line
from eggd.errors import CredentialError

BYTES = 32
"""Random bytes of a key; as base64url they are 43 characters."""

EXAMPLES = """\b
Examples:
  eggd keys new | eggd credential set keys --stdin --local   for eggd dev and tests of this app
  eggd keys new | eggd credential set keys --stdin           on a host, as root
  eggd keys rotate                                           put a new key before the others
  eggd keys prune                                            remove all keys but the newest
"""

WHERE = """
This key signs and encrypts cookies. It is shown this once, and belongs in no repository. Let
config/config_default.py read it:

    from eggd import credential

    keys = credential("keys")

and store one on each machine that runs the app:

    eggd keys new | eggd credential set keys --stdin --local     for eggd dev and tests
    eggd keys new | eggd credential set keys --stdin             on a host, as root
    EGG_CREDENTIAL_KEYS=any-text eggd test                       where tests run without it

'eggd keys rotate' replaces it."""


@click.group(cls=LoadedGroup, epilog=EXAMPLES)
def command() -> None:
    """Makes and replaces the keys that sign and encrypt cookies.

    The first key signs and encrypts, each of them is accepted: so users stay logged in while a key
    is replaced.
    """


@command.command("new")
def new_command() -> None:
    """Prints a new key on standard output, and on standard error where it belongs.

    The key is 32 random bytes as base64url.
    """
    click.echo(_new())
    click.echo(WHERE, err=True)


@command.command("rotate")
@click.argument("name", default="keys")
@local_option
@root_option
def rotate_command(name: str, local: bool, root: Path) -> None:
    """Puts a new key before those that credential NAME has (default: keys).

    The old ones are accepted until 'eggd keys prune' removes them.
    """
    store = store_of(local, root, change=True)
    present = _keys(store.get(name), name)
    print_line(save(store, name, ",".join([_new(), *present]).encode()))
    count = "1 older key is" if len(present) == 1 else f"{len(present)} older keys are"
    note(
        f"{count} accepted, too; run 'eggd keys prune{_arguments(name, local)}' when the cookies"
        " that they signed have expired"
    )


@command.command("prune")
@click.argument("name", default="keys")
@local_option
@root_option
def prune_command(name: str, local: bool, root: Path) -> None:
    """Removes all keys but the newest from credential NAME (default: keys).

    Cookies and sessions that an older key has signed or encrypted become invalid.
    """
    store = store_of(local, root, change=True)
    newest, *older = _keys(store.get(name), name)
    if not older:
        note(f"credential {name} has one key: there is no older one to remove")
        return
    print_line(save(store, name, newest.encode()))


def _new() -> str:
    return secrets.token_urlsafe(BYTES)


def _keys(content: bytes, name: str) -> list[str]:
    """Returns the keys of a credential, newest first. Raises CredentialError without one."""
    from eggd.config.credentials import text_of
    from eggd.masking.known import remember

    text = text_of(content, f"credential {name}")
    remember(text)  # no error shows it
    keys = [key.strip() for key in text.split(",") if key.strip()]
    if not keys:
        raise CredentialError(f"credential {name} has no key", hint="run 'eggd keys new'")
    return keys


def _arguments(name: str, local: bool) -> str:
    return f"{'' if name == 'keys' else f' {name}'}{' --local' if local else ''}"
