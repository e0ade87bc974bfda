"""`eggd config`: the merged config, and the file and line that set each key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from eggd.cli import parameters
from eggd.cli.current_app import enter, note_env
from eggd.cli.output import print_json, print_table
from eggd.errors import ConfigError
from eggd.spelling import suggestion
from eggd.wire.terminal import visible, visible_json

if TYPE_CHECKING:
    from eggd.app.base import BaseApplication

EXAMPLES = """\b
Examples:
  eggd config                        every key of the app of /etc/default/eggd
  eggd config logger --origin        the file and line that set each key of a section
  eggd config http.body_limit        one value
  eggd --base /srv/shop config --env local --json
"""


@click.command(epilog=EXAMPLES)
@click.argument("key", metavar="[KEY]", required=False, default="")
@click.option("--origin", "with_origin", is_flag=True, help="Show the place that set each key.")
@parameters.as_json
@click.option("--agent", "of_agent", is_flag=True, help="Show the config of the agent.")
@parameters.env
def command(key: str, with_origin: bool, as_json: bool, of_agent: bool, env: str) -> None:
    """Shows the merged config of a worker, after the config hooks; secrets are masked."""
    current = enter(None)

    from eggd.probe.check import load_app

    with current.host(env) as host:
        config = ShownConfig(load_app(host)[1 if of_agent else 0])
    path, value = config.find(key)
    note_env(host.info.env, host.info.env_origin)
    if as_json and with_origin:
        print_json({".".join(place): config.entry(place, v) for place, v in leaves(path, value)})
    elif as_json:
        print_json(value)
    elif isinstance(value, dict) or with_origin:
        print_table([config.row(*leaf, with_origin=with_origin) for leaf in leaves(path, value)])
    else:
        click.echo(visible(value) if isinstance(value, str) else _json(value))


Place = tuple[str, ...]
"""The names that lead to a key; a name may contain dots."""


class ShownConfig:
    """The config of one app without secrets, and the origin of each key."""

    def __init__(self, app: BaseApplication) -> None:
        from eggd.app.loading.dump import plain_config

        self._config = app.config  # knows the origin of each key
        self._base_dir = f"{app.base_dir}/"
        directories = {
            str(app.host.rundir): "$RUNTIME_DIRECTORY",
            str(app.host.log_dir): "$LOGS_DIRECTORY",
        }
        # This command's own temporary directories would mislead: a unit has others.
        self._values = _replace(plain_config(app), directories)

    def find(self, key: str) -> tuple[Place, object]:
        """Returns the place and the value of a dotted key; raises ConfigError if it is unknown."""
        names = []
        for path, value in _below((), self._values):
            names.append(".".join(path))
            if names[-1] == key:
                return path, value
        hint = suggestion(key, sorted(names)) or "run 'eggd config' to see all keys"
        raise ConfigError(f"config: {key}: unknown key", hint=hint)

    def entry(self, path: Place, value: object) -> dict[str, object]:
        """Returns one key for JSON."""
        return {"value": value, "origin": self._origin(path)}

    def row(self, path: Place, value: object, *, with_origin: bool) -> list[str]:
        """Returns one key for the table."""
        return [".".join(path), _json(value), *([self._origin(path)] if with_origin else [])]

    def _origin(self, path: Place) -> str:
        """Returns the file and line that set the key, relative to the app's folder."""
        return str(self._config.located(path)).replace(self._base_dir, "")


def leaves(path: Place, value: object) -> Iterator[tuple[Place, object]]:
    """Yields the place of each key below `path` with its value; an empty mapping is a value."""
    for place, entry in _below(path, value):
        if not isinstance(entry, dict) or not entry:
            yield place, entry


def _below(path: Place, value: object) -> Iterator[tuple[Place, object]]:
    """Yields a value and all values below it."""
    yield path, value
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from _below((*path, str(name)), entry)


def _replace(value: object, directories: dict[str, str]) -> object:
    """Puts names in place of the directories that exist only for this command."""
    if isinstance(value, dict):
        return {key: _replace(entry, directories) for key, entry in value.items()}
    if isinstance(value, str):
        for path, name in directories.items():
            value = value.replace(path, name)
    return value


def _json(value: object) -> str:
    return visible_json(value, indent=None)
