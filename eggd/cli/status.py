"""`eggd status`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from eggd.cli import parameters
from eggd.cli.backend import by_systemd
from eggd.cli.local import of_supervisor
from eggd.cli.output import print_json
from eggd.cli.view import DEGRADED, RUNNING, STOPPED, View, build, in_folder
from eggd.errors import EggError
from eggd.host import defaults
from eggd.host.systemctl import Systemctl
from eggd.socketfile import describe
from eggd.suite.address import is_path
from eggd.suite.files import STATUS
from eggd.suite.names import SuiteNames
from eggd.wire.terminal import visible_line

CODES = {RUNNING: 0, DEGRADED: 1, STOPPED: 3}
"""Exit codes; 3 as `systemctl status` has it for what does not run."""

EXAMPLES = """\b
Examples:
  eggd status
  eggd status /srv/shop
  eggd status --json
\b
Exit codes: 0 running, 1 degraded (something is missing), 3 not running.
"""


@click.command(epilog=EXAMPLES)
@parameters.directory
@parameters.as_json
def command(directory: Path | None, as_json: bool) -> int:
    """Shows the state of each process, and what is missing; root also sees systemd's reasons.

    With DIR it shows the suite that a supervisor runs there; its user also sees the reasons.
    """
    view = _of_host() if _is_host(directory) else of_supervisor(directory)
    if as_json:
        print_json(view)
    elif view["state"] == STOPPED:
        changes = [f"pending: {change}" for change in view.get("pending", ())]
        click.echo("\n".join(map(visible_line, [_title(view), *view["problems"], *changes])))
    else:
        # The import of rich takes longer than all the rest.
        from eggd.cli.status_table import show

        show(view, _title(view))
    return CODES[view["state"]]


def _is_host(directory: Path | None) -> bool:
    return by_systemd(directory) or (directory is None and "RUNTIME_DIRECTORY" in os.environ)


def _of_host() -> View:
    names = SuiteNames.chosen(os.environ)
    runtime = Path(os.environ.get("RUNTIME_DIRECTORY") or names.runtime)
    _check_readable(runtime / STATUS, names)
    view = build(runtime, Systemctl(os.environ) if os.geteuid() == 0 else None, names=names)
    return in_folder(view, defaults.base_dir(names)) if runtime == Path(names.runtime) else view


def _check_readable(path: Path, names: SuiteNames) -> None:
    """Raises EggError if the file exists, but only the application's user and root may read it."""
    if path.exists() and not os.access(path, os.R_OK):
        raise EggError(f"{path} may not be read", hint=f"run it as root or as user {names.user}")


def _title(view: View) -> str:
    app = view["app"]
    name = f"{app['name']} ({app.get('env')}) in " if "name" in app else ""
    about = f"{name}{app['base_dir']}, " if "base_dir" in app else ""
    by = view.get("supervisor")
    by = f", {by['title']} [{by['pid']}]{' on ' * bool(by['url'])}{by['url']}" if by else ""
    return f"{view['state']}: {about}eggd {view['version']}{by}{_address(view)}"


def _address(view: View) -> str:
    """Returns the addresses of egg.socket, which root sees, with the access of a Unix socket."""
    if view.get("listener") != "ready" or view["state"] == STOPPED:
        return ""
    texts = (f"{each} ({describe(each)})" if is_path(each) else each for each in view["address"])
    return ", on ".join(["", *texts])
