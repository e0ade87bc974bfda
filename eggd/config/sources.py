"""The ordered sources of the config: files of every unit by kind, then EGG_APP_CONFIG.

The outer loop is the kind of file, the inner one the units: a plugin's `config_prod.py` overrides
the app's `config_default.py` (core:CFG-1, CFG-2). A file holds module-level names, or
`def config(app_info)` that returns a dict.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType

from eggd.errors import ConfigError
from eggd.importer import describe, import_file, where

ENVIRONMENT_ORIGIN = "EGG_APP_CONFIG"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppInfo:
    """What a config file's function may know of the app (core:ENV-5)."""

    name: str
    """The app's name, from its pyproject.toml."""
    base_dir: Path
    """The app's folder."""
    env: str
    """The environment: local, unittest, prod or a name of the user's own."""
    scope: str
    """The deployment scope, empty when there is none."""
    home: Path
    """EGG_HOME, else the home folder of the user."""
    root: Path
    """`base_dir` in local and unittest, else `home`."""


@dataclass(frozen=True, slots=True)
class Source:
    """The values of one file (or of the environment) with the name that origins show."""

    file: str
    values: Mapping[str, object]


def kinds(env: str, scope: str) -> list[str]:
    """Return the kinds of config file in the order in which they merge (core:CFG-1)."""
    ordered = ["default", scope, env if env != "default" else ""]
    if scope and env != "default":
        ordered.append(f"{scope}_{env}")
    return [kind for kind in ordered if kind]


def file_sources(units: list[tuple[str, Path]], info: AppInfo) -> Iterator[Source]:
    """Yield what each existing config file of `(unit name, root)` sets, in merge order."""
    for kind in kinds(info.env, info.scope):
        for unit, root in units:
            path = _config_file(root / "config", kind)
            if path is not None:
                yield Source(str(path), read_file(path, unit, info))


def environment_source(environ: Mapping[str, str]) -> Iterator[Source]:
    """Yield EGG_APP_CONFIG's object; raise ConfigError if it is no JSON object (core:CFG-6)."""
    text = environ.get(ENVIRONMENT_ORIGIN, "")
    if not text:
        return
    try:
        values = json.loads(text)
    except ValueError as exc:
        raise ConfigError(f"{ENVIRONMENT_ORIGIN}: is no JSON: {exc}") from exc
    if not isinstance(values, dict):
        raise ConfigError(f"{ENVIRONMENT_ORIGIN}: must be a JSON object, not {text!r}")
    yield Source(ENVIRONMENT_ORIGIN, values)


def read_file(path: Path, unit: str, info: AppInfo) -> Mapping[str, object]:
    """Return the keys that a config file sets; raise ConfigError or LoadError naming it."""
    module = import_file(path, unit)
    function = vars(module).get("config")
    if isinstance(function, FunctionType):
        return _called(function, path, info)
    return {key: value for key, value in vars(module).items() if _is_key(key, value, module)}


def _config_file(folder: Path, kind: str) -> Path | None:
    names = [f"config_{kind}.py", "config.py"] if kind == "default" else [f"config_{kind}.py"]
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _called(function: Callable[..., object], path: Path, info: AppInfo) -> Mapping[str, object]:
    try:
        values = function(info)
    except Exception as exc:
        raise ConfigError(f"{where(exc, path)}: config(app_info) failed: {describe(exc)}") from exc
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: config(app_info) must return a dict, not {values!r}")
    return values


def _is_key(key: str, value: object, module: ModuleType) -> bool:
    if key.startswith("_") or isinstance(value, ModuleType) or key == "annotations":
        return False
    made_here = getattr(value, "__module__", module.__name__) == module.__name__
    return made_here or not callable(value)
