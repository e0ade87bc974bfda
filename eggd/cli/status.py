"""`eggd status`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import click

from eggd.cli import parameters
from eggd.cli.backend import by_systemd
from eggd.cli.local import of_supervisor
from eggd.cli.output import print_json
from eggd.cli.view import DEGRADED, RECYCLING, RUNNING, STOPPED, View, build, in_folder
from eggd.errors import EggError, VariableError
from eggd.host import defaults
from eggd.host.systemctl import Systemctl
from eggd.socketfile import describe
from eggd.suite.address import is_path
from eggd.suite.files import STATUS
from eggd.suite.names import SuiteNames
from eggd.suite.slots import SPARE
from eggd.wire.terminal import visible_line

CODES = {RUNNING: 0, DEGRADED: 1, STOPPED: 3}
"""Exit codes; 3 as `systemctl status` has it for what does not run."""

HEADINGS = ("", "state", "pid", "for", "requests", "connections", "")
PLAIN_WIDTH = 200
"""Columns of a table that is not printed on a terminal."""

_COLOURS = {"ready": "green", "starting": "yellow", "leaving": "yellow", RECYCLING: "yellow"}
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))

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
        _show(view)
    return CODES[view["state"]]


def _is_host(directory: Path | None) -> bool:
    return by_systemd(directory) or (directory is None and "RUNTIME_DIRECTORY" in os.environ)


def _of_host() -> View:
    names = SuiteNames.chosen(os.environ)
    runtime = Path(os.environ.get("RUNTIME_DIRECTORY") or names.runtime)
    _check_readable(runtime / STATUS, names)
    view = build(runtime, Systemctl(os.environ) if os.geteuid() == 0 else None, names=names)
    return in_folder(view, _base_dir(names)) if runtime == Path(names.runtime) else view


def _check_readable(path: Path, names: SuiteNames) -> None:
    """Raises EggError if the file exists, but only the application's user and root may read it."""
    if path.exists() and not os.access(path, os.R_OK):
        raise EggError(f"{path} may not be read", hint=f"run it as root or as user {names.user}")


def _base_dir(names: SuiteNames) -> str:
    """Returns the folder in the file of settings, "" without one or if the file is invalid."""
    try:
        return defaults.check(Path(names.defaults)).get("EGG_BASE_DIR", "")
    except VariableError:
        return ""


def _show(view: View) -> None:
    # Its import takes longer than all the rest.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    table = Table(*HEADINGS, box=None, pad_edge=False)
    for name, each in _rows(view):
        state = Text(visible_line(each["state"]), style=_COLOURS.get(each["state"], "red"))
        table.add_row(Text(name), state, *(Text(visible_line(cell)) for cell in _cells(each)))
    click.echo(visible_line(_title(view)))
    console.print(table)
    for problem in view["problems"]:
        click.secho(visible_line(problem), fg="red")
    for note in [*_errors(view), *(f"pending: {change}" for change in view.get("pending", ()))]:
        click.secho(visible_line(note), fg="yellow")


def _errors(view: View) -> Iterator[str]:
    """Yields a line if the agent's code has failed; the agent runs on (process:CL-93)."""
    agent = view["agent"]
    if agent["pid"] and (count := agent.get("errors", 0)):
        last = agent.get("last_error", "")
        yield f"errors of the agent: {count}, the last: {last} (see common-error.log)"


def _rows(view: View) -> list[tuple[str, View]]:
    workers = [(f"worker {each['slot']}", each) for each in view["workers"]]
    return [("agent", {**view["agent"], "enabled": True}), *workers]


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


def _cells(each: View) -> list[str]:
    up = bool(each["pid"])
    return [
        str(each["pid"]) if up else "",
        _ago(time.time() - each["since"]) if up and each["since"] else "",
        str(each.get("requests", "")),
        str(each.get("connections", "")),
        _note(each),
    ]


def _note(each: View) -> str:
    if each.get("slot") == SPARE and "slot" in each:
        return "the spare of a reload"
    notes = ["" if each["enabled"] else "not enabled", _last_restart(each)]
    return ", ".join(filter(None, notes))


def _last_restart(each: View) -> str:
    text = each.get("last_restart", {}).get("text")
    return f"last restart: {text}" if isinstance(text, str) else ""


def _ago(seconds: float) -> str:
    for length, name in _UNITS:
        if seconds >= length:
            return f"{seconds // length:.0f} {name}"
    return "0 s"
