"""One config file: its names, or what its `def config(app_info)` returns (core:CFG-3).

    middleware = ["gzip"]                 every public name is a key

    def config(app_info):                 or one function; that of a plugin or framework may
        return {"middleware": ["gzip"]}   take a second argument, the app's own config

Imported modules, functions and classes are not keys, nor are names that begin with `_`. Names
beside such a function, and files that would never be read, are errors.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType

from eggd.config.lines import Lines
from eggd.errors import ConfigError, CredentialError
from eggd.failure import describe, where
from eggd.importer import import_file
from eggd.spelling import did_you_mean, misspelt

_FILE = re.compile(r"config(?:_([A-Za-z0-9_-]+))?\.py")
_MISNAMED = re.compile(r"config[._-].+\.py", re.IGNORECASE)
_ONLY_IMPORTED = ("typing", "__future__", "typing_extensions")

ReadConfig = Callable[[], object]


def config_files(root: Path) -> Mapping[str, Path]:
    """Returns the config files of a load unit by kind ("default", "prod"). Raises ConfigError.

    `config.py` is another name of `config_default.py` (core:CFG-1). Both at once are an error, as
    are names that are never read (`config.prod.py`) and files in `app/config/`.
    """
    _refuse_misplaced(root / "app" / "config")
    paths: dict[str, Path] = {}
    for path in _list_files(root / "config"):
        match = _FILE.fullmatch(path.name)
        if match is None:
            _refuse_misnamed(path)
            continue
        kind = match[1] or "default"
        if kind in paths:
            raise ConfigError(f"{path}: {paths[kind].name} exists, too", hint="keep one of them")
        paths[kind] = path
    return paths


def read_file(
    path: Path, unit: str, info: object, app_config: ReadConfig | None
) -> Mapping[str, object]:
    """Returns the keys that a config file sets; raises ConfigError or LoadError naming it.

    `app_config` returns the second argument of `config(app_info, app_config)`, None if not allowed.
    """
    module = import_file(path, unit)
    names = {name: value for name, value in vars(module).items() if _is_key(name, value, module)}
    function = vars(module).get("config")
    _refuse_misspelt_function(path, names)
    if isinstance(function, FunctionType):
        lost = [n for n, v in names.items() if not callable(v)]
        if lost:
            raise ConfigError(
                f"{_line(path, lost[0])}: {lost[0]}: has no effect beside config(app_info)",
                hint=f"put it into the dict that config returns, or rename it to _{lost[0]}",
            )
        return _call(function, path, info, app_config)
    if "config" in names:
        raise ConfigError(
            f"{_line(path, 'config')}: config must be a function, not {type(function).__name__}",
            hint="write its keys as names of the file",
        )
    return names


def _refuse_misspelt_function(path: Path, names: Mapping[str, object]) -> None:
    """Raises ConfigError for `def confg(app_info)`: eggd would call no function."""
    for name, value in names.items():
        if isinstance(value, FunctionType) and misspelt(name, ("config",)):
            line = f"{path}:{value.__code__.co_firstlineno}"
            raise ConfigError(f"{line}: {name}: is not called", hint=did_you_mean("config"))


def _call(
    function: Callable[..., object], path: Path, info: object, app_config: ReadConfig | None
) -> Mapping[str, object]:
    arguments = _arguments(function, path, info, app_config)
    try:
        values = function(*arguments)
    except CredentialError:  # names the line
        raise
    except Exception as exc:
        raise ConfigError(f"{where(exc, path)}: config(app_info) failed: {describe(exc)}") from exc
    if not isinstance(values, dict):
        kind = type(values).__name__
        raise ConfigError(f"{path}: config(app_info) must return a dict, not {kind}")
    return values


def _arguments(
    function: Callable[..., object], path: Path, info: object, app_config: ReadConfig | None
) -> list[object]:
    if inspect.iscoroutinefunction(function):
        raise ConfigError(
            f"{path}: config must be a plain function", hint="await in a did_load hook instead"
        )
    count = len(inspect.signature(function).parameters)
    if count > 2 or (count == 2 and app_config is None):
        raise ConfigError(
            f"{path}: config takes (app_info)"
            + ("" if app_config is None else " or (app_info, app_config)")
        )
    return [info, app_config() if app_config and count == 2 else None][:count]


def _is_key(name: str, value: object, module: ModuleType) -> bool:
    if name.startswith("_") or isinstance(value, ModuleType):
        return False
    home = getattr(value, "__module__", module.__name__)
    if isinstance(value, type | FunctionType | BuiltinFunctionType):
        return home == module.__name__
    return home not in _ONLY_IMPORTED and type(value).__module__ not in _ONLY_IMPORTED


def _line(path: Path, name: str) -> str:
    return Lines().locate(str(path), (name,))


def _list_files(folder: Path) -> list[Path]:
    return [folder / name for name in names_in(folder) if name.endswith(".py")]


def names_in(folder: Path) -> list[str]:
    """Returns the sorted names of what is in a folder; [] for a folder that does not exist."""
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _refuse_misnamed(path: Path) -> None:
    if _MISNAMED.fullmatch(path.name):
        name = re.sub(r"[._-]+", "_", path.stem.lower()) + ".py"
        raise ConfigError(f"{path}: is never read", hint=f"rename it to {name}")


def _refuse_misplaced(folder: Path) -> None:
    for path in _list_files(folder):
        if _FILE.fullmatch(path.name) or path.name == "plugin.py":
            raise ConfigError(
                f"{path}: is never read", hint=f"move it to {folder.parent.parent / 'config'}"
            )
