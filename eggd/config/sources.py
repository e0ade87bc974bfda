"""The ordered sources of the config: files of every load unit by kind, then EGG_APP_CONFIG.

The outer loop is the kind of file, the inner one the load units: a plugin's `config_prod.py`
overrides the app's `config_default.py` (core:CFG-1, CFG-2). How one file is read: files.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from eggd.config.files import config_files, read_file
from eggd.config.mapping import ConfigDict
from eggd.config.merge import merge
from eggd.config.origins import Origins
from eggd.errors import ConfigError

ENVIRONMENT_ORIGIN = "EGG_APP_CONFIG"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppInfo:
    """The facts of the app that a config file's function is given (core:ENV-5)."""

    name: str
    """The app's name, from its pyproject.toml."""
    base_dir: Path
    """The app's folder."""
    env: str
    """The environment: local, unittest, prod or a name of the user's own."""
    env_origin: str = ""
    """The source of `env`: `--env`, the path of `config/env`, EGG_SERVER_ENV, or "default"."""
    scope: str
    """The deployment scope, empty without one."""
    home: Path
    """EGG_HOME, else the home folder of the user."""
    root: Path
    """`base_dir` in local and unittest, else `home`."""
    pkg: Mapping[str, object] = field(default_factory=dict)
    """The app's whole pyproject.toml."""


class ConfigUnit(Protocol):
    """The attributes of a load unit that are used here."""

    @property
    def name(self) -> str:
        """Its name, which is part of its modules' names."""
        ...

    @property
    def kind(self) -> str:
        """`plugin`, `framework` or `app`."""
        ...

    @property
    def root(self) -> Path:
        """Its folder."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """The values of one file (or of the environment) with the name that origins show."""

    file: str
    values: Mapping[str, object]
    kind: str = ""
    """The kind of load unit that the file belongs to, "" for the environment."""


def kinds(env: str, scope: str) -> list[str]:
    """Returns the kinds of config file in the order in which they merge (core:CFG-1)."""
    ordered = ["default", scope, env if env != "default" else ""]
    if scope and env != "default":
        ordered.append(f"{scope}_{env}")
    return [kind for kind in ordered if kind]


def file_sources(units: Sequence[ConfigUnit], info: AppInfo) -> Iterator[Source]:
    """Yields the values of each config file of the load units, in merge order."""
    reader = _Reader(units, info)
    for kind in kinds(info.env, info.scope):
        for unit in units:
            path = reader.files(unit).get(kind)
            if path is not None:
                yield Source(str(path), reader.read(path, unit), unit.kind)


def environment_source(environ: Mapping[str, str]) -> Iterator[Source]:
    """Yields EGG_APP_CONFIG's object. Raises ConfigError if it is not a JSON object (core:CFG-6).

    The text itself is never quoted: it may contain secrets.
    """
    text = environ.get(ENVIRONMENT_ORIGIN, "").strip()
    if not text:
        return
    hint = """EGG_APP_CONFIG='{"http": {"body_limit": "1mb"}}'"""
    try:
        values = json.loads(text)
    except ValueError as exc:
        raise ConfigError(f"{ENVIRONMENT_ORIGIN}: is not valid JSON: {exc}", hint=hint) from exc
    if not isinstance(values, dict):
        kind = type(values).__name__
        raise ConfigError(f"{ENVIRONMENT_ORIGIN}: must be a JSON object, not {kind}", hint=hint)
    yield Source(ENVIRONMENT_ORIGIN, values)


class _Reader:
    """Reads each file once, and the app's own earlier if another load unit reads it (CFG-3)."""

    def __init__(self, units: Sequence[ConfigUnit], info: AppInfo) -> None:
        self._info = info
        self._app = [unit for unit in units if unit.kind == "app"]
        self._files: dict[Path, Mapping[str, Path]] = {}
        self._values: dict[Path, Mapping[str, object]] = {}

    def files(self, unit: ConfigUnit) -> Mapping[str, Path]:
        if unit.root not in self._files:
            self._files[unit.root] = config_files(unit.root)
        return self._files[unit.root]

    def read(self, path: Path, unit: ConfigUnit) -> Mapping[str, object]:
        if path not in self._values:
            app_config = None if unit.kind == "app" else self._app_config
            self._values[path] = read_file(path, unit.name, self._info, app_config)
        return self._values[path]

    def _app_config(self) -> ConfigDict:
        """Returns a new copy of the app's own merged default and env files."""
        tree = ConfigDict()
        for unit in self._app:
            for kind in kinds(self._info.env, ""):
                path = self.files(unit).get(kind)
                if path is not None:
                    merge(tree, self.read(path, unit), Origins(), str(path))
        return tree
