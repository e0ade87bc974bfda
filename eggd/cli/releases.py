"""`eggd releases`: lists the releases of this host."""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from pathlib import Path

import click

from eggd.cli import parameters
from eggd.cli.backend import by_systemd
from eggd.cli.output import note, print_json, print_table, warn
from eggd.errors import ReleaseError
from eggd.host import defaults
from eggd.host.release import record
from eggd.host.release.places import Places
from eggd.host.release.switch import Switch
from eggd.suite.names import SuiteNames

HEADINGS = ["RELEASE", "STATE", "APP", "VERSION", "CREATED", "SOURCE"]

EXAMPLES = """\b
Examples:
  eggd releases
  eggd releases --json
"""


@click.command(epilog=EXAMPLES)
@parameters.as_json
@parameters.releases_root
@click.option("--inspect", is_flag=True, hidden=True)
def command(as_json: bool, root: Path, inspect: bool) -> None:
    """Lists the releases that 'eggd deploy' has made, the newest first.

    Only root and the user of the service may read them.
    """
    names = SuiteNames.chosen(os.environ)
    places = Places.of(names, root)
    if inspect:
        from eggd.cli.inspection import inspect as state_of_host

        print_json(state_of_host(names, places))
        return
    if not os.access(places.root, os.R_OK | os.X_OK) and places.root.exists():
        raise ReleaseError(f"{places.root}: only root may read the releases", hint="use sudo")
    switch = Switch(places, defaults.location(os.environ))
    entries = [
        {**asdict(each), "state": _state(switch, each.name)} for each in record.releases(places)
    ]
    if os.geteuid() == 0 and (pending := switch.pending()) is not None:
        warn(f"the switch to {pending.to} was interrupted: run 'eggd rollback' or 'eggd deploy'")
    if as_json:
        print_json(entries)
    elif entries:
        print_table([HEADINGS, *(_row(each) for each in entries)])
    elif by_systemd(None):
        note(f"the application has no release yet: run '{names.command('deploy DIR')}'")
    else:
        note(f"no releases: {names.master} is not installed, and a deploy needs it")


def _state(switch: Switch, name: str) -> str:
    return {switch.previous: "previous", switch.current: "current"}.get(name, "")


def _row(entry: dict[str, object]) -> list[str]:
    created = entry["created"]
    assert isinstance(created, float)
    texts = [str(entry[key]) for key in ("name", "state", "app", "version")]
    local = time.strftime("%Y-%m-%d %H:%M", time.localtime(created))
    return [*(text or "-" for text in texts), local, str(entry["source"])]
