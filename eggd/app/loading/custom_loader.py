"""`config.custom_loader`: folders of an app's own kind become members of app or ctx (core:LD-14).

    custom_loader = {"adapter": {"directory": "app/adapter", "inject": "app"}}

`app/adapter/docker.py` is `app.adapter.docker`, its class made once with app; with `inject` "ctx"
it is `ctx.adapter.docker`, made once per context with ctx.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import FunctionType
from typing import Any

from eggd.app.config import CustomLoaderConfig
from eggd.app.context.base_context import Services
from eggd.calling import call
from eggd.errors import ConfigError, EggError, LoadError
from eggd.failure import load_error
from eggd.loader import LoadUnit
from eggd.loader.exports import call_export, find_export, mark
from eggd.loader.tree import PYTHON, Files, Member, Tree, load_tree


class Members(dict[str, object]):
    """A level of a tree on the app: `app.adapter.docker` and `app.adapter["docker"]`."""

    def __getattr__(self, name: str) -> object:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no member {name!r}; known: {', '.join(self)}") from None


def custom_loaders(
    loaders: Mapping[str, CustomLoaderConfig], app: Any, units: Sequence[LoadUnit]
) -> None:
    """Loads the folders of `config.custom_loader`. Raises ConfigError or LoadError."""
    for name in loaders:
        config = loaders[name]
        key = f"custom_loader.{name}"
        origin = app.config.located(key)
        if not config.directory:
            raise ConfigError(f"{origin}: {key}.directory is required", hint='"app/adapter"')
        target = app if config.inject == "app" else app.context_class
        if hasattr(target, name):
            raise ConfigError(f"{origin}: {key} would hide {config.inject}.{name}")
        loaded_units = units if config.loadunit else [app.app_unit]
        places = [(unit.name, unit.root / config.directory) for unit in loaded_units]
        _check_there(places, origin, key, app)
        files = Files(match=config.match, ignore=config.ignore, override=config.override)
        load = load_to_app if config.inject == "app" else load_to_context
        load(app, name, places, files)


def load_to_app(
    app: object, name: str, places: Sequence[tuple[str, Path]], files: Files = PYTHON
) -> None:
    """Makes `app.NAME` a tree of what the folders' files export; classes are made with app.

    Raises LoadError where app has that name already, or naming a file.
    """

    _refuse_taken(app, name, "app")
    tree = _load(app, name, places, files)
    setattr(app, name, _instances(tree, app))


def load_to_context(
    app: Any, name: str, places: Sequence[tuple[str, Path]], files: Files = PYTHON
) -> None:
    """Makes `ctx.NAME` a tree whose classes are made once per context (core:LD-11).

    The classes themselves are in `app.NAME_classes`. Raises LoadError where ctx has that name
    already, or naming a file.
    """

    _refuse_taken(app.context_class, name, "ctx")
    tree = _load(app, name, places, files)
    setattr(app, f"{name}_classes", tree)
    member: cached_property[Services] = cached_property(lambda ctx: Services(ctx, tree, name))
    member.__set_name__(app.context_class, name)
    setattr(app.context_class, name, member)


async def load_file(path: Path, unit: str, inject: Sequence[object]) -> object:
    """Returns what a file exports, None where it is absent; a function is called and awaited.

    Raises LoadError naming the file (core:LD-13).
    """
    if not path.is_file():  # noqa: ASYNC240  # the start waits for files anyway
        return None
    value = find_export(path, unit)
    if not isinstance(value, FunctionType):
        return value
    try:
        return await call(value, *inject)
    except Exception as exc:
        raise load_error(exc, path, f"{value.__name__}()") from exc


def _refuse_taken(target: object, name: str, called: str) -> None:
    if hasattr(target, name):
        raise LoadError(f"{called}.{name} already exists", hint="choose another name")


def _load(app: object, name: str, places: Sequence[tuple[str, Path]], files: Files) -> Tree:
    def initialize(value: object, member: Member) -> object:
        value = call_export(value, member.file, app)
        if files.initializer is not None:
            value = files.initializer(value, member)
        if isinstance(value, type):
            mark(value, f"{name}.{member.dotted}", member.file)
        return value

    return load_tree(places, replace(files, initializer=initialize))


def _instances(tree: Tree, app: object) -> Members:
    members = Members()
    for name, value in tree.items():
        if isinstance(value, dict):
            members[name] = _instances(value, app)
        else:
            members[name] = _instance(value, app) if isinstance(value, type) else value
    return members


def _instance(cls: Any, app: object) -> object:
    try:
        return cls(app)
    except EggError:
        raise
    except Exception as exc:
        file = cls.full_path
        raise load_error(exc, file, f"{cls.__name__}(app)") from exc


def _check_there(places: Sequence[tuple[str, Path]], origin: str, key: str, app: Any) -> None:
    """Raises ConfigError if the app names a folder that is missing; a framework may offer folders
    that not every app has."""
    if origin.startswith(f"{app.base_dir}/") and not any(path.is_dir() for _, path in places):
        raise ConfigError(f"{origin}: {key}.directory: no folder {str(places[-1][1])!r}")
