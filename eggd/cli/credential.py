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
from eggd.cli.group import LoadedGroup
from eggd.cli.output import note, print_json, print_line, print_table, warn
from eggd.errors import CredentialError
from eggd.suite.names import SuiteNames

if TYPE_CHECKING:
    from eggd.host.credential_folder import CredentialFolder
    from eggd.host.credential_store import CredentialStore

EXAMPLES = """\b
Examples:
  eggd credential set db-password               asks for the value
  eggd credential set signing-key --stdin < key.pem
  eggd credential list
  eggd credential remove db-password
  eggd credential set db-password --local       for eggd dev and tests of this app
"""
HEADINGS = ["NAME", "STORED", "UNITS", "FILE"]

local_option = click.option(
    "--local", is_flag=True, help="Of the app in the current directory: eggd dev, tests."
)
root_option = click.option("--root", default="/", hidden=True, type=click.Path(path_type=Path))


@click.group(cls=LoadedGroup, epilog=EXAMPLES)
def command() -> None:
    """Stores secrets for the workers and the agent, which read them with eggd.credential(NAME).

    On a host with eggd's units only root may set them: they are encrypted with systemd-creds where
    that is possible, and loaded by drop-ins of the units. Elsewhere they are files of the user, for
    the suites that the user starts.
    """


@command.command("set")
@click.argument("name")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the value from standard input.")
@local_option
@root_option
def set_command(name: str, from_stdin: bool, local: bool, root: Path) -> None:
    """Sets a credential, whose value it asks for.

    One line break at the end of the value is ignored. A running suite gets it by 'eggd reload'.
    """
    from eggd.config.credentials import check_name
    from eggd.masking.known import remember

    check_name(name)
    store = store_of(local, root, change=True)
    content = _from_stdin() if from_stdin else _asked(name)
    remember(content.decode())  # no error shows it
    print_line(save(store, name, content))


@command.command("list")
@parameters.as_json
@local_option
@root_option
def list_command(as_json: bool, local: bool, root: Path) -> None:
    """Lists the credentials: their names, how they are stored, and who loads them."""
    store = store_of(local, root)
    entries = _entries(store)
    for path in _not_files(store):
        warn(f"{path} is not a file (remove it)")
    if as_json:
        print_json(entries)
    elif entries:
        print_table([HEADINGS, *(_row(entry) for entry in entries)])
    else:
        note(f"no credentials are set {_where(store)}{_of_app(local)}")


@command.command("remove")
@click.argument("name", shell_complete=lambda ctx, param, text: _complete(text))
@local_option
@root_option
def remove_command(name: str, local: bool, root: Path) -> None:
    """Removes a credential; running processes keep it until they are reloaded."""
    from eggd.config.credentials import check_name

    check_name(name)
    store = store_of(local, root, change=True)
    if not local and name not in {each["name"] for each in _entries(store)}:
        _refuse_local(name, store)
    store.remove(name)
    print_line(f"removed credential {name} {_where(store)}{_after(store)}")


def store_of(
    local: bool, root: Path, *, change: bool = False
) -> CredentialFolder | CredentialStore:
    """Returns where credentials are kept: in the app, on the host, or in the user's folder."""
    from eggd.config.credentials import LOCAL, user_folder
    from eggd.host.credential_folder import CredentialFolder

    if local:
        parameters.refuse_application("--local")

        from eggd.cli.discovery import current_app

        return CredentialFolder(current_app() / LOCAL)
    if root != Path("/") or by_systemd(None):
        from eggd.host.credential_store import CredentialStore
        from eggd.host.systemctl import Systemctl

        if change and os.geteuid() != 0:
            raise CredentialError(
                "only root may change the credentials of this host",
                hint="run it as root, or use --local for eggd dev and tests",
            )
        return CredentialStore(Systemctl(os.environ), SuiteNames.chosen(os.environ), root)
    folder = user_folder(os.environ)
    if folder is None:
        raise CredentialError("HOME is not set", hint="set HOME or XDG_CONFIG_HOME")
    return CredentialFolder(folder)


def _asked(name: str) -> bytes:
    from eggd.config.credentials import text_of

    if not sys.stdin.isatty():
        raise click.UsageError("standard input is not a terminal: use --stdin")
    value: str = click.prompt(f"Value of {name}", hide_input=True, confirmation_prompt=True)
    return text_of(value.encode(errors="surrogateescape"), "the value").encode()


def _from_stdin() -> bytes:
    from eggd.config.credentials import LIMIT, text_of

    return text_of(sys.stdin.buffer.read(LIMIT + 1), "standard input").encode()


def save(store: CredentialFolder | CredentialStore, name: str, content: bytes) -> str:
    """Sets a credential; returns a line that names the place, and how it becomes effective."""
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

    if isinstance(store, CredentialFolder):
        if store.path.name == LOCAL:
            return "; a running 'eggd dev' reads it after its next reload"
        return "; 'eggd reload DIR' makes it live"
    running = store.booted and store.systemctl.state(store.names.master).ready
    command = store.names.command("reload" if running else "start")
    return f"; '{command}' makes it live"


def _where(store: CredentialFolder | CredentialStore) -> str:
    from eggd.host.credential_folder import CredentialFolder

    return f"in {store.path}" if isinstance(store, CredentialFolder) else "for workers and agent"


def _of_app(local: bool) -> str:
    """Returns a hint at the credentials of the app in the current directory."""
    here = None if local else _local_folder()
    return f"; those of {here.parent}: eggd credential list --local" if here else ""


def _local_folder() -> Path | None:
    from eggd.cli.discovery import app_here
    from eggd.config.credentials import LOCAL

    here = app_here()
    return here / LOCAL if here is not None and (here / LOCAL).is_dir() else None


def _refuse_local(name: str, store: CredentialFolder | CredentialStore) -> None:
    """Raises CredentialError for a credential that only the app has."""
    folder = _local_folder()
    if folder is not None and (folder / name).exists():
        raise CredentialError(
            f"credential {name} is not set {_where(store)}, but in {folder}",
            hint=f"run 'eggd credential remove {name} --local'",
        )


def _not_files(store: CredentialFolder | CredentialStore) -> list[Path]:
    from eggd.host.credential_folder import CredentialFolder

    if not isinstance(store, CredentialFolder):
        return []
    return [path for name in store.names() if not (path := store.path / name).is_file()]


def _entries(store: CredentialFolder | CredentialStore) -> list[dict[str, object]]:
    from eggd.host.credential_folder import CredentialFolder
    from eggd.host.unit_credentials import unit_credentials

    if isinstance(store, CredentialFolder):
        return [_entry(name, False, (), store.path / name, None) for name in store.names()]
    return [
        _entry(name, each.encrypted, each.units, each.file, each.origin)
        for name, each in unit_credentials(store.names, store.root).items()
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
        names = [str(each["name"]) for each in _entries(store_of(False, Path("/")))]
    except (CredentialError, OSError):
        return []
    return [name for name in names if name.startswith(text)]
