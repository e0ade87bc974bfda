"""`eggd credential`: sets, lists and removes the secrets that `eggd.credential` returns."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eggd.cli import parameters
from eggd.cli.backend import by_systemd
from eggd.cli.group import CommandGroup, Rows
from eggd.cli.output import note, print_json, print_line, print_table
from eggd.errors import CredentialError

if TYPE_CHECKING:
    from eggd.host.credential_folder import CredentialFolder
    from eggd.host.credential_store import CredentialStore

EXAMPLES = """\b
Examples:
  eggd credential set db-password               asks for the value
  eggd credential set signing-key --stdin < key.pem
  eggd credential list
  eggd credential set db-password --local       for eggd dev and tests of this app
"""
HEADINGS = ["NAME", "STORED", "UNITS", "FILE"]

_local = click.option(
    "--local", is_flag=True, help="Of the app in the current directory: eggd dev, tests."
)
_root = click.option("--root", default="/", hidden=True, type=click.Path(path_type=Path))


class _Commands(CommandGroup):
    def rows(self) -> Rows:
        return [(name, each.get_short_help_str(80)) for name, each in self.commands.items()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return self.commands.get(cmd_name)


@click.group(cls=_Commands, epilog=EXAMPLES)
def command() -> None:
    """Stores secrets for the workers and the agent, which read them with eggd.credential(NAME).

    On a host with eggd's units only root may set them: they are encrypted with systemd-creds where
    that is possible, and loaded by drop-ins of the units. Elsewhere they are files of the user, for
    the suites that the user starts.
    """


@command.command("set")
@click.argument("name")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the value from standard input.")
@_local
@_root
def set_command(name: str, from_stdin: bool, local: bool, root: Path) -> None:
    """Sets a credential, whose value it asks for.

    One line break at the end of the value is ignored. A running suite gets it by 'eggd reload'.
    """
    from eggd.config.credentials import check_name
    from eggd.masking.known import remember

    check_name(name)
    store = _store(local, root, change=True)
    content = _from_stdin() if from_stdin else _asked(name)
    remember(content.decode())  # no error shows it
    print_line(_set(store, name, content))


@command.command("list")
@parameters.as_json
@_local
@_root
def list_command(as_json: bool, local: bool, root: Path) -> None:
    """Lists the credentials: their names, how they are stored, and who loads them."""
    entries = _entries(_store(local, root))
    if as_json:
        print_json(entries)
    elif entries:
        print_table([HEADINGS, *(_row(entry) for entry in entries)])
    else:
        note("no credentials are set")


@command.command("remove")
@click.argument("name", shell_complete=lambda ctx, param, text: _complete(text))
@_local
@_root
def remove_command(name: str, local: bool, root: Path) -> None:
    """Removes a credential; running processes keep it until they are reloaded."""
    from eggd.config.credentials import check_name

    check_name(name)
    store = _store(local, root, change=True)
    store.remove(name)
    print_line(f"removed credential {name}{'' if local else _after(store)}")


def _store(local: bool, root: Path, *, change: bool = False) -> CredentialFolder | CredentialStore:
    """Returns where credentials are kept: in the app, on the host, or in the user's folder."""
    from eggd.config.credentials import LOCAL, user_folder
    from eggd.host.credential_folder import CredentialFolder

    if local:
        return CredentialFolder(_app() / LOCAL)
    if root != Path("/") or by_systemd(None):
        from eggd.host.credential_store import CredentialStore
        from eggd.host.systemctl import Systemctl

        if change and os.geteuid() != 0:
            raise CredentialError(
                "only root may change the credentials of this host",
                hint="run it as root, or use --local for eggd dev and tests",
            )
        return CredentialStore(Systemctl(os.environ), root)
    folder = user_folder(os.environ)
    if folder is None:
        raise CredentialError("HOME is not set", hint="set HOME or XDG_CONFIG_HOME")
    return CredentialFolder(folder)


def _app() -> Path:
    from eggd.cli.discovery import app_here

    here = app_here()
    if here is None:
        raise CredentialError(
            f"{Path.cwd()} is not an app", hint="cd to the app, or use eggd --base DIR"
        )
    return here


def _asked(name: str) -> bytes:
    from eggd.config.credentials import text_of

    if not sys.stdin.isatty():
        raise click.UsageError("standard input is not a terminal: use --stdin")
    value: str = click.prompt(f"Value of {name}", hide_input=True, confirmation_prompt=True)
    return text_of(value.encode(errors="surrogateescape"), "the value").encode()


def _from_stdin() -> bytes:
    from eggd.config.credentials import LIMIT, text_of

    return text_of(sys.stdin.buffer.read(LIMIT + 1), "standard input").encode()


def _set(store: CredentialFolder | CredentialStore, name: str, content: bytes) -> str:
    from eggd.host.credential_folder import CredentialFolder

    if isinstance(store, CredentialFolder):
        store.set(name, content)
        return f"set credential {name} in {store.path / name}{_after(store)}"
    reason = store.set(name, content)
    if reason:
        note(f"it is not encrypted, but only root may read it: {reason}")
    how = "not encrypted" if reason else "encrypted"
    return f"set credential {name} for workers and agent, {how}{_after(store)}"


def _after(store: CredentialFolder | CredentialStore) -> str:
    """Returns how a change becomes effective."""
    from eggd.config.credentials import LOCAL
    from eggd.host.credential_folder import CredentialFolder
    from eggd.suite.slots import MASTER

    if isinstance(store, CredentialFolder):
        return "" if store.path.name == LOCAL else "; 'eggd reload DIR' makes it live"
    running = store.booted and store.systemctl.state(MASTER).ready
    return f"; 'eggd {'reload' if running else 'start'}' makes it live"


def _entries(store: CredentialFolder | CredentialStore) -> list[dict[str, object]]:
    from eggd.host.credential_folder import CredentialFolder
    from eggd.host.unit_credentials import unit_credentials

    if isinstance(store, CredentialFolder):
        return [_entry(name, False, (), store.path / name, None) for name in store.names()]
    return [
        _entry(name, each.encrypted, each.units, each.file, each.origin)
        for name, each in unit_credentials(store.root).items()
    ]


def _entry(
    name: str, encrypted: bool, units: Sequence[str], file: Path | None, origin: Path | None
) -> dict[str, object]:
    return {
        "name": name,
        "encrypted": encrypted,
        "units": list(units),
        "file": None if file is None else str(file),
        "origin": None if origin is None else str(origin),
    }


def _row(entry: dict[str, object]) -> list[str]:
    units = entry["units"]
    assert isinstance(units, list)
    return [
        str(entry["name"]),
        "encrypted" if entry["encrypted"] else "plain",
        ", ".join(units) or "-",
        str(entry["file"] or entry["origin"]),
    ]


def _complete(text: str) -> list[str]:
    """Returns the names of the host's or the user's credentials that start with `text`."""
    try:
        names = [str(each["name"]) for each in _entries(_store(False, Path("/")))]
    except (CredentialError, OSError):
        return []
    return [name for name in names if name.startswith(text)]
