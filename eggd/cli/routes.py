"""`eggd routes`: the routes of the app, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from eggd.cli import parameters
from eggd.cli.current_app import enter, note_env
from eggd.cli.output import print_json, print_table

HEADINGS = ["methods", "path", "name", "runs"]

EXAMPLES = """\b
Examples:
  eggd routes
  eggd routes /srv/shop --env local --json
"""


@click.command(epilog=EXAMPLES)
@parameters.directory
@parameters.env
@parameters.as_json
def command(directory: Path | None, env: str, as_json: bool) -> None:
    """Lists site files, routes and mounts in the order in which they are tried.

    The first match wins. `runs` lists the route's own middleware, then its handler. A mount serves
    every path below its own that no route matches; of several mounts the longest path wins.
    """
    current = enter(directory)

    from eggd.app.loading.dump import route_table
    from eggd.probe.check import load_app

    with current.host(env) as host:
        table = route_table(load_app(host)[0].router)
    note_env(host.info.env, host.info.env_origin)
    if as_json:
        print_json(table)
        return
    below = f"{current.base_dir}/"
    rows = [
        [
            _kind(entry.get("kind", ""), entry.get("methods", ())),
            entry["path"],
            entry.get("name", ""),
            " > ".join(entry["stack"]).replace(below, ""),
        ]
        for entry in table
    ]
    print_table([HEADINGS, *rows])


def _kind(kind: str, methods: Sequence[str]) -> str:
    """Returns `mount`, `websocket`, or the methods with GET first; Egg's order has HEAD first."""
    if kind in ("mount", "websocket"):
        return kind
    return ",".join(sorted(methods, key=lambda method: method != "GET"))
