"""`eggd routes`: the routes of the app, in the order in which they are tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from eggd.cli.columns import aligned
from eggd.cli.progress import loading
from eggd.cli.target import enter
from eggd.wire.terminal import visible_json

HEADINGS = ["methods", "path", "name", "runs"]

EXAMPLES = """\b
Examples:
  eggd routes
  eggd routes /srv/shop --env local --json
"""


@click.command(epilog=EXAMPLES)
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--env", default="", metavar="ENV", help="Environment, instead of the configured.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def command(directory: Path | None, env: str, as_json: bool) -> None:
    """Shows files of the site, routes and mounts: of those that match, the first one wins.

    `runs` is the route's own middleware, then the handler. A mount serves all below its path that
    no route matches; of several the longest path wins.
    """
    target = enter(directory)

    from eggd.app.loading.dump import route_table
    from eggd.process.checking import checked_host, loaded

    with loading(target.base_dir), checked_host(target.base_dir, env, target.environ) as host:
        table = route_table(loaded(host)[0].router)
    target.note_env(host.info.env, host.info.env_origin)
    if as_json:
        click.echo(visible_json(table))
        return
    below = f"{target.base_dir}/"
    rows = [
        [
            _asked(entry),
            entry["path"],
            entry.get("name", ""),
            " > ".join(entry["stack"]).replace(below, ""),
        ]
        for entry in table
    ]
    click.echo(aligned([HEADINGS, *rows]))


def _asked(entry: dict[str, Any]) -> str:
    """Returns the methods of an entry, or what it is where it is no plain route."""
    kind: str = entry.get("kind", "")
    return kind if kind in ("mount", "websocket") else ",".join(_for_people(entry["methods"]))


def _for_people(methods: list[str]) -> list[str]:
    """Returns methods with GET first; the dump has Egg's order, with HEAD first."""
    return sorted(methods, key=lambda method: method != "GET")
