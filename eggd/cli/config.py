"""`eggd config`: what the config comes to, and which file said so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from eggd.cli.columns import aligned
from eggd.cli.progress import loading
from eggd.cli.target import enter
from eggd.errors import ConfigError
from eggd.spelling import suggestion
from eggd.wire.terminal import visible, visible_json

if TYPE_CHECKING:
    from eggd.app.base import BaseApplication

EXAMPLES = """\b
Examples:
  eggd config                        every key of the app of /etc/default/eggd
  eggd config logger --origin        which file and line set each key of a section
  eggd config http.body_limit        one value alone
  eggd --base /srv/shop config --env local --json
"""


@click.command(epilog=EXAMPLES)
@click.argument("key", metavar="[KEY]", required=False, default="")
@click.option("--origin", "with_origin", is_flag=True, help="Show which file set each key.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--agent", "of_agent", is_flag=True, help="The agent's config, after its own hooks.")
@click.option("--env", default="", metavar="ENV", help="Environment, instead of the configured.")
def command(key: str, with_origin: bool, as_json: bool, of_agent: bool, env: str) -> None:
    """Shows the merged config as a worker gets it, after the config hooks; secrets are masked."""
    target = enter(None)

    from eggd.process.checking import checked_host, loaded

    with loading(target.base_dir), checked_host(target.base_dir, env, target.environ) as host:
        view = View(loaded(host)[1 if of_agent else 0])
    path, value = view.find(key)
    target.note_env(host.info.env, host.info.env_origin)
    if as_json:
        rows = leaves(path, value)
        shown = {".".join(row[0]): view.entry(*row) for row in rows} if with_origin else value
        click.echo(visible_json(shown))
    elif isinstance(value, dict) or with_origin:
        table = [view.row(*row, with_origin=with_origin) for row in leaves(path, value)]
        click.echo(aligned(table))
    else:
        click.echo(visible(value) if isinstance(value, str) else _json(value))


Place = tuple[str, ...]
"""The names that lead to a key; there may be dots in one of them."""


class View:
    """The config of one app, fit to be shown."""

    def __init__(self, app: BaseApplication) -> None:
        from eggd.app.loading.dump import plain_config

        self._config = app.config
        self._base_dir = f"{app.base_dir}/"
        directories = {
            str(app.host.rundir): "$RUNTIME_DIRECTORY",
            str(app.host.log_dir): "$LOGS_DIRECTORY",
        }
        self.values = _replaced(plain_config(app), directories)

    def find(self, key: str) -> tuple[Place, object]:
        """Returns the place of a dotted key, and what is there; ConfigError naming the nearest."""
        for path, value in _below((), self.values):
            if ".".join(path) == key:
                return path, value
        raise _missing(key, self.values)

    def origin(self, path: Place) -> str:
        """Returns the file and line that set the key, relative to the app's folder."""
        return str(self._config.located(path)).replace(self._base_dir, "")

    def entry(self, path: Place, value: object) -> dict[str, object]:
        """Returns one key for JSON."""
        return {"value": value, "origin": self.origin(path)}

    def row(self, path: Place, value: object, *, with_origin: bool) -> list[str]:
        """Returns one key for the table."""
        return [".".join(path), _json(value), *([self.origin(path)] if with_origin else [])]


def leaves(path: Place, value: object) -> Iterator[tuple[Place, object]]:
    """Yields the place of each key below `path` with its value; an empty mapping is a value."""
    for place, entry in _below(path, value):
        if not isinstance(entry, dict) or not entry:
            yield place, entry


def _below(path: Place, value: object) -> Iterator[tuple[Place, object]]:
    """Yields a value and all below it."""
    yield path, value
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from _below((*path, str(name)), entry)


def _missing(key: str, values: object) -> ConfigError:
    known = sorted(".".join(path) for path, _ in _below((), values))
    return ConfigError(f"config has no key {key!r}", hint=suggestion(key, known) or "eggd config")


def _replaced(value: object, directories: dict[str, str]) -> object:
    """Puts names in place of the directories that only this command has."""
    if isinstance(value, dict):
        return {key: _replaced(entry, directories) for key, entry in value.items()}
    if isinstance(value, str):
        for path, name in directories.items():
            value = value.replace(path, name)
    return value


def _json(value: object) -> str:
    return visible_json(value, indent=None)
