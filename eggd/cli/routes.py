"""`eggd routes`: the routes of the app, in the order in which they are tried."""

from __future__ import annotations

import json
from pathlib import Path

import click

from eggd.cli.columns import aligned
from eggd.cli.target import enter

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
    """Show the routes in order of registration: of those that match, the first one wins.

    `runs` is the route's own middleware, then the handler.
    """
    target = enter(directory)

    from eggd.app.dump import route_table
    from eggd.process.checking import checked_host, loaded

    with checked_host(target.base_dir, env, target.environ) as host:
        routes = loaded(host)[0].router.routes
    if as_json:
        click.echo(json.dumps(route_table(routes), indent=2, ensure_ascii=False))
        return
    below = f"{target.base_dir}/"
    rows = [
        [
            ",".join(route.methods),
            route.pattern.path,
            route.name,
            " > ".join(route.stack).replace(below, ""),
        ]
        for route in routes
    ]
    click.echo(aligned([HEADINGS, *rows]))
