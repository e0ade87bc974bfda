"""`eggd app`: several applications on one host, each with units and a user of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eggd.cli import parameters, suite
from eggd.cli.group import LoadedGroup
from eggd.cli.output import print_json, print_line, print_table
from eggd.errors import ArgumentError, DirectoryError, EggError, SystemdError
from eggd.host.applications import Installer, applications, named
from eggd.host.systemctl import Systemctl
from eggd.suite import address
from eggd.suite.names import DEFAULT, SuiteNames, application_name
from eggd.supervisor.units import UNITS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

EXAMPLES = """\b
Examples:
  eggd app add shop --port 8001 --workers 4 --dir /srv/shop
  eggd app list
  eggd --app shop status
  eggd app remove shop             keeps settings, logs and state
  eggd app remove shop --purge
  eggd app refresh                 undoes an edit of the unit files
"""
HEADINGS = ["NAME", "STATE", "ADDRESS", "WORKERS", "USER", "DIRECTORY"]


@click.group(cls=LoadedGroup, epilog=EXAMPLES)
def command() -> None:
    """Adds, lists and removes applications of this host that systemd runs.

    Each has a user, sockets, processes, settings and logs of its own. The package's own
    application is called default. Other commands act on an application with 'eggd --app NAME'.
    """


def _complete(ctx: click.Context, param: click.Parameter, text: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    known = (each.app for each in applications())
    return [CompletionItem(name) for name in known if name.startswith(text)]


@command.command("add")
@click.argument("name")
@click.option(
    "-p", "--port", "where", metavar="ADDRESS", required=True, help="[ADDRESS:]PORT to listen on."
)
@click.option(
    "-c",
    "--workers",
    default=1,
    metavar="N",
    type=parameters.WorkerCount(),
    help="Number of workers (default: 1).",
)
@click.option(
    "--dir",
    "directory",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The app's directory (default: the welcome app).",
)
def add_command(name: str, where: str, workers: int, directory: Path | None) -> None:
    """Adds an application, starts it, and enables it at boot.

    Its user is eggd-NAME, its settings are in /etc/default/eggd-NAME, its units are named
    egg-NAME. If it does not start, it stays added: repair it, then run 'eggd --app NAME start'.
    """
    names = SuiteNames(application_name(name))
    base_dir = _base_dir(directory)
    _require_root()
    if names in applications():
        raise ArgumentError(f"application {name} exists already", hint="run 'eggd app list'")
    stream = _free_stream(where)
    Installer(Systemctl(os.environ), UNITS).add(names, stream, workers, base_dir)
    try:
        print_line(f"added {name}; {suite.start(names)}")
    except EggError as exc:
        raise SystemdError(
            f"{name} is added, but does not start: {exc.message}",
            hint=f"repair it, then run {names.command('start')}",
        ) from exc


@command.command("list")
@parameters.as_json
def list_command(as_json: bool) -> None:
    """Lists the applications with state, address, workers, user and directory.

    The state of an application whose files the caller may not read is unknown.
    """
    from eggd.cli.applist import overview

    rows = [overview(names) for names in (DEFAULT, *applications())]
    if as_json:
        print_json([row.record() for row in rows])
    else:
        print_table([HEADINGS, *(row.cells() for row in rows)])


@command.command("remove")
@click.argument("name", shell_complete=_complete)
@click.option("--purge", is_flag=True, help="Also remove settings, logs, state and credentials.")
def remove_command(name: str, purge: bool) -> None:
    """Stops an application, which finishes its requests, and removes its units.

    Settings, drop-ins, logs and state stay without --purge; 'eggd app add' uses them again. The
    user stays in any case, so that no other user gets its number.
    """
    names = named(name)
    if names == DEFAULT:
        raise ArgumentError(
            f"{name} belongs to the package",
            hint="run apt remove eggd, or systemctl disable --now egg-master",
        )
    _require_root()
    suite.stop(names)
    Installer(Systemctl(os.environ), UNITS).remove(names, purge=purge)
    kept = "" if purge else f"; {names.defaults}, {names.logs} and {names.state} are kept"
    print_line(f"removed {name}{kept}")


@command.command("refresh")
def refresh_command() -> None:
    """Makes the units of all applications again; an upgrade of the package does it.

    Running processes go on; 'eggd --app NAME reload' replaces them.
    """
    _require_root()
    names = Installer(Systemctl(os.environ), UNITS).refresh()
    text = ", ".join(each.app for each in names)
    print_line(f"refreshed: {text}" if names else "there are no named applications")


def _require_root() -> None:
    if os.geteuid() != 0:
        raise ArgumentError(
            "only root may change the applications of this host", hint="run it as root"
        )


def _base_dir(directory: Path | None) -> Path | None:
    """Returns the directory as an absolute path. Raises DirectoryError if it is not an app's."""
    if directory is None:
        return None
    path = Path(os.path.abspath(directory))
    if not path.is_dir():
        raise DirectoryError(f"--dir: {path} is not a directory, or does not exist")
    if not (path / "pyproject.toml").is_file():
        raise DirectoryError(f"{path}: not an app: pyproject.toml is missing", hint="eggd init")
    return path


def _free_stream(where: str) -> str:
    """Returns the address in the form of ListenStream=.

    Raises UsageError if it is malformed, ListenError or ArgumentError if it is in use.
    """
    from eggd.cli.applist import streams
    from eggd.supervisor.sockets import bind_socket
    from eggd.supervisor.units import SocketPlan

    try:
        stream = address.parse(where)
    except ValueError as exc:
        raise click.UsageError(f"--port: {where}: {exc}") from exc
    if address.is_path(stream):
        text = f"--port: {where}: must be [ADDRESS:]PORT"
        raise ArgumentError(text, hint="add it, then run eggd --app NAME listen unix:PATH")
    for names in (DEFAULT, *applications()):
        if any(address.overlaps(stream, other) for other in streams(names)):
            text = f"--port: {where} is the address of the application {names.title}"
            raise ArgumentError(text, hint="choose another port (eggd app list)")
    bind_socket(SocketPlan(unit="--port", listen=stream)).close()
    return stream
