"""`eggd plugins`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eggd.cli.columns import aligned
from eggd.cli.progress import loading
from eggd.cli.target import enter
from eggd.wire.terminal import visible_json, visible_line

if TYPE_CHECKING:
    from eggd.loader.plugins import Plugin, PluginTable

HEADINGS = ("plugin", "state", "version", "needs", "found in", "defined by")

EXAMPLES = """\b
Examples:
  eggd plugins
  eggd plugins /srv/shop --env local --json
"""


@click.command(epilog=EXAMPLES)
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--env", default="", metavar="ENV", help="Environment, instead of the configured.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def command(directory: Path | None, env: str, as_json: bool) -> None:
    """Shows the plugins of the app: those that load, in load order, then those that do not.

    A plugin is `on`, `implicit` (another one needs it) or `off`.
    """
    target = enter(directory)

    from eggd.process.checking import checked_host, units_of

    with loading(target.base_dir), checked_host(target.base_dir, env, target.environ) as host:
        units = units_of(host)
    rows = [_row(plugin) for plugin in _in_order(units.plugins)]
    if as_json:
        click.echo(visible_json(rows))
        return
    for warning in units.plugins.warnings:
        click.echo(f"warning: {visible_line(warning)}", err=True)
    below = f"{target.base_dir}/"
    cells = [[cell.removeprefix(below) for cell in _cells(row)] for row in rows]
    click.echo(aligned([HEADINGS, *cells]))


def _in_order(table: PluginTable) -> list[Plugin]:
    off = (plugin for plugin in table.all.values() if not plugin.enable)
    return [*table.order, *off]


def _row(plugin: Plugin) -> Mapping[str, object]:
    state = "implicit" if plugin.implicit else "on"
    return {
        "name": plugin.name,
        "state": state if plugin.enable else "off",
        "version": plugin.version,
        "env": list(plugin.env),
        "dependencies": list(plugin.dependencies),
        "optional_dependencies": list(plugin.optional_dependencies),
        "dependents": list(plugin.dependents),
        "package": plugin.package,
        "root": str(plugin.root or ""),
        "origin": plugin.origin,
    }


def _cells(row: Mapping[str, object]) -> list[str]:
    envs = ", ".join(_names(row, "env"))
    state = f"{row['state']} ({envs} only)" if envs else str(row["state"])
    needs = [*_names(row, "dependencies"), *(f"{n}?" for n in _names(row, "optional_dependencies"))]
    return [
        str(row["name"]),
        state,
        str(row["version"]),
        ", ".join(needs),
        str(row["package"] or row["root"]),
        str(row["origin"]),
    ]


def _names(row: Mapping[str, object], key: str) -> list[str]:
    names = row[key]
    return [str(name) for name in names] if isinstance(names, list) else []
