"""`eggd plugins`: the plugins of the app, in load order."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eggd.cli import parameters
from eggd.cli.current_app import enter
from eggd.cli.output import print_json, print_table, warn

if TYPE_CHECKING:
    from eggd.loader.plugins import Plugin, PluginTable

HEADINGS = ("plugin", "state", "version", "needs", "found in", "defined by")

EXAMPLES = """\b
Examples:
  eggd plugins
  eggd plugins /srv/shop --env local --json
"""


@click.command(epilog=EXAMPLES)
@parameters.directory
@parameters.env
@parameters.as_json
def command(directory: Path | None, env: str, as_json: bool) -> None:
    """Lists the app's enabled plugins in load order, then the disabled ones.

    A plugin is `on`, `implicit` (enabled because another plugin needs it) or `off`.
    """
    current = enter(directory)

    from eggd.probe.check import units_of

    with current.host(env) as host:
        table = units_of(host).plugins
    plugins = _in_order(table)
    if as_json:
        print_json([_record(plugin) for plugin in plugins])
        return
    for warning in table.warnings:
        warn(warning)
    below = f"{current.base_dir}/"
    rows = [[cell.removeprefix(below) for cell in _cells(plugin)] for plugin in plugins]
    print_table([HEADINGS, *rows])


def _in_order(table: PluginTable) -> list[Plugin]:
    off = (plugin for plugin in table.all.values() if not plugin.enable)
    return [*table.order, *off]


def _state(plugin: Plugin) -> str:
    return ("implicit" if plugin.implicit else "on") if plugin.enable else "off"


def _record(plugin: Plugin) -> Mapping[str, object]:
    return {
        "name": plugin.name,
        "state": _state(plugin),
        "version": plugin.version,
        "env": list(plugin.env),
        "dependencies": list(plugin.dependencies),
        "optional_dependencies": list(plugin.optional_dependencies),
        "dependents": list(plugin.dependents),
        "package": plugin.package,
        "root": str(plugin.root or ""),
        "origin": plugin.origin,
    }


def _cells(plugin: Plugin) -> list[str]:
    only = f" ({', '.join(plugin.env)} only)" if plugin.env else ""
    needs = [*plugin.dependencies, *(f"{name}?" for name in plugin.optional_dependencies)]
    return [
        plugin.name,
        f"{_state(plugin)}{only}",
        plugin.version,
        ", ".join(needs),
        plugin.package or str(plugin.root or ""),
        plugin.origin,
    ]
