"""Finds files and folders that nothing loads, by name or place (core:DIR-1, core:DIR-2)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from eggd.config.files import names_in
from eggd.config.sources import AppInfo
from eggd.errors import LoadError
from eggd.loader.unit import LoadUnit
from eggd.spelling import did_you_mean, misspelt, plain

IN_APP = (
    *("command", "controller", "extend", "middleware", "public", "router", "router.py"),
    *("schedule", "service", "view"),
)
"""Names with a meaning in the folder `app` of a load unit; eggd ignores others."""

IN_CONFIG = ("config.py", "config_default.py", "env", "plugin.py", "plugin_default.py")
"""Files of the folder `config` besides one per environment."""

IN_ROOT = ("agent.py", "app", "app.py", "config", "plugin.toml", "pyproject.toml", "section.py")
"""Files and folders that eggd reads in the folder of a unit."""

_ONLY_THE_APP = ("app/router.py", "app/controller")
_PLUGINS = re.compile(r"plugin.*\.py")
_OF_ENV = re.compile(r"(config|plugin)_(.+)\.py")
_FOREIGN = re.compile(r"((?:config|plugin)[._].+|plugin)\.(?:json|toml|ya?ml|[cm]?[jt]s)")
_EXTENDS = re.compile(r"(application|agent|context|request|response|helper|filter)_(.+)\.py")
_ENVS = {"production": "prod", "product": "prod", "development": "local", "testing": "unittest"}
_KINDS = ("default", "local", "prod", "unittest")


def refuse_misplaced(units: Sequence[LoadUnit]) -> None:
    """Raises LoadError for a plugin's or framework's file that is only loaded from the app."""
    for unit in units:
        if unit.kind == "app":
            continue
        misplaced = [unit.root / name for name in _ONLY_THE_APP if os.path.exists(unit.root / name)]
        if unit.kind == "plugin":
            config = unit.root / "config"
            misplaced += [config / name for name in names_in(config) if _PLUGINS.fullmatch(name)]
        if misplaced:
            raise LoadError(
                f"{misplaced[0]}: is not loaded from a {unit.kind} ({unit.name})",
                hint="only an app has routes and controllers, only frameworks and apps switch"
                " plugins; plugin.toml names what a plugin needs",
            )


def misnamed(units: Sequence[LoadUnit], info: AppInfo) -> list[str]:
    """Returns a line for each file, folder or table that should probably be loaded but is not."""
    lines = [line for unit in units for line in _of_unit(unit, info)]
    return [*lines, *_of_project(info), *_of_env(units, info)]


def right_env(env: str) -> str:
    """Returns the usual environment of which `env` is a misspelling or a longer name, else ""."""
    return _ENVS.get(plain(env)) or misspelt(env, _KINDS)


def _of_env(units: Sequence[LoadUnit], info: AppInfo) -> Iterator[str]:
    """Yields a line if the environment is misspelt and no file of the config is for it."""
    right = right_env(info.env)
    name = f"config_{info.env}.py"
    if right and not any((unit.root / "config" / name).is_file() for unit in units):
        origin = info.env_origin or "EGG_SERVER_ENV"
        yield f"{origin}: env {info.env!r} has no {name} ({did_you_mean(right)})"


def _of_unit(unit: LoadUnit, info: AppInfo) -> Iterator[str]:
    folder = unit.root / "app"
    names = names_in(folder)
    if "config" in names:
        yield f"{folder / 'config'}: is not loaded: the config is in {unit.root}/config"
    yield from _near(folder, names, IN_APP)
    yield from _near(unit.root, names_in(unit.root), IN_ROOT)
    yield from _near(unit.root / "config", names_in(unit.root / "config"), IN_CONFIG)
    yield from _foreign(unit.root / "config")
    yield from _of_envs(unit.root / "config", _OF_ENV, info)
    yield from _of_envs(folder / "extend", _EXTENDS, info)
    if unit.kind == "app":
        yield from _beside_app(unit.root, names)


def _near(folder: Path, names: Sequence[str], known: Sequence[str]) -> Iterator[str]:
    """Yields a line for each misspelt name.

    A Python file beside the correctly named one is the load unit's own, as is any file beside
    app.py and app.
    """
    for name in names:
        right = "" if name in known or _OF_ENV.fullmatch(name) else _right(name, known)
        is_relevant = known is IN_ROOT or name.endswith(".py")
        if right and not (is_relevant and right in names):
            yield f"{folder / name}: is not loaded ({did_you_mean(right)})"


def _right(name: str, known: Sequence[str]) -> str:
    """Returns the known name of which a name is a misspelling; a file never matches a folder."""
    stem, suffix = Path(name).stem, Path(name).suffix
    stems = [Path(each).stem for each in known if Path(each).suffix == suffix]
    right = misspelt(stem, stems) if suffix else misspelt(name, stems)
    return f"{right}{suffix}" if right else ""


def _foreign(folder: Path) -> Iterator[str]:
    """Yields a line for each config or plugin file that is not Python."""
    for name in names_in(folder):
        if match := _FOREIGN.fullmatch(name):
            right = f"{match[1].replace('.', '_')}.py"
            yield f"{folder / name}: is not read (write it in Python: {right})"


def _of_envs(folder: Path, pattern: re.Pattern[str], info: AppInfo) -> Iterator[str]:
    """Yields a line for each file whose name has a misspelt environment."""
    for name in names_in(folder):
        match = pattern.fullmatch(name)
        kind = match[2] if match else ""
        if match is None or kind in (info.env, info.scope, *_KINDS):
            continue
        if right := right_env(kind):
            hint = did_you_mean(f"{match[1]}_{right}.py")
            yield f"{folder / name}: is read in env {kind!r} alone ({hint})"


def _beside_app(root: Path, inside: Sequence[str]) -> Iterator[str]:
    """Yields a line for a router or a section file in the app's own folder."""
    if (root / "section.py").is_file():
        yield f"{root / 'section.py'}: is not loaded: only plugins and frameworks declare sections"
    if (root / "router.py").is_file() and not {"router", "router.py"} & {*inside}:
        yield f"{root / 'router.py'}: is not loaded ({did_you_mean('app/router.py')})"


def _of_project(info: AppInfo) -> Iterator[str]:
    """Yields a line for a table of pyproject.toml that should be tool.eggd."""
    tables = info.pkg.get("tool")
    names = list(tables) if isinstance(tables, dict) else []
    if "eggd" in names:
        return
    for name in names:
        if misspelt(name, ("eggd",)):
            path = info.base_dir / "pyproject.toml"
            yield f"{path}: tool.{name}: is not read ({did_you_mean('tool.eggd')})"
