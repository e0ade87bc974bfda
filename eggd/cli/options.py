"""The options of `eggd start`: flags, then [tool.eggd.start], then variables, then defaults.

[tool.eggd.start]
workers = 4
port = "127.0.0.1:8000"
title = "shop"
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from eggd.errors import ConfigError, DirectoryError, VariableError
from eggd.smallfile import read_small
from eggd.spelling import suggestion_or_list


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Each option of `eggd start`; None if it is not set."""

    port: str | None = None
    """`[ADDRESS:]PORT`, or the path of a Unix socket."""
    workers: int | None = None
    """Number of workers."""
    env: str | None = None
    """Environment of the config; EGG_SERVER_ENV is inherited, the units set prod."""
    title: str | None = None
    """Name of the suite, unique among those of this user."""
    framework: str | None = None
    """Package of the framework."""
    python: str | None = None
    """Interpreter of agent and workers."""
    daemon: bool | None = None
    """Whether it runs in the background."""
    stdout: str | None = None
    """File for output, instead of standard output."""
    stderr: str | None = None
    """File for errors, instead of standard error."""
    timeout: float | None = None
    """Seconds until the suite must be ready."""

    def over(self, base: Options) -> Options:
        """Returns these options, with those that are not set taken from `base`."""
        return replace(base, **_set(self))


def _set(options: Options) -> dict[str, Any]:
    values = {each.name: getattr(options, each.name) for each in fields(options)}
    return {name: value for name, value in values.items() if value is not None}


def merged_options(flags: Options, base_dir: Path) -> Options:
    """Returns the options of one app; raises ConfigError for a bad one."""
    return flags.over(_table_options(base_dir)).over(_environ_options(os.environ))


def check_app(base_dir: Path) -> str:
    """Returns the name of the app in a folder; raises DirectoryError for any other."""
    if not base_dir.is_dir():
        raise DirectoryError(f"app directory {str(base_dir)!r} does not exist")
    project = _project(base_dir).get("project", {})
    name = project.get("name") if isinstance(project, dict) else None
    if not isinstance(name, str) or not name:
        raise ConfigError(
            f"{base_dir / 'pyproject.toml'}: project.name must be a name, not {name!r}",
            hint='[project] name = "shop"',
        )
    return name


def _project(base_dir: Path) -> dict[str, object]:
    path = base_dir / "pyproject.toml"
    try:
        return tomllib.loads(read_small(path).decode())
    except FileNotFoundError:
        raise DirectoryError(
            f"{base_dir} is not an app: pyproject.toml is missing",
            hint="create an app with eggd init",
        ) from None
    except RecursionError:
        raise ConfigError(f"{path}: is nested too deeply") from None
    except (OSError, ValueError) as exc:
        raise ConfigError(f"{path}: {getattr(exc, 'strerror', None) or exc}") from exc


def _table_options(base_dir: Path) -> Options:
    tool = _project(base_dir).get("tool", {})
    own = tool.get("eggd", {}) if isinstance(tool, dict) else {}
    table = own.get("start", {}) if isinstance(own, dict) else {}
    where = f"{base_dir / 'pyproject.toml'}: tool.eggd.start"
    if not isinstance(table, dict):
        raise ConfigError(f"{where} must be a table, not {table!r}")
    return Options(**{key: _value(key, value, where) for key, value in table.items()})


_KINDS: Mapping[str, tuple[type, ...]] = {
    "port": (int, str),
    "workers": (int,),
    "daemon": (bool,),
    "timeout": (int, float),
}


def _value(key: str, value: object, where: str) -> Any:
    known = [each.name for each in fields(Options)]
    if key not in known:
        hint = suggestion_or_list(key, known, "known keys")
        raise ConfigError(f"{where}.{key}: unknown key", hint=hint)
    kinds = _KINDS.get(key, (str,))
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        names = " or ".join(kind.__name__ for kind in kinds)
        raise ConfigError(f"{where}.{key} must be {names}, not {value!r}")
    return str(value) if key == "port" else _checked(key, value, where)


def _checked(key: str, value: object, where: str) -> object:
    if key == "workers" and isinstance(value, int) and not 1 <= value <= 999:
        raise ConfigError(f"{where}.workers must be from 1 to 999, not {value!r}")
    return value


def _environ_options(environ: Mapping[str, str]) -> Options:
    """Returns the options of PORT and EGG_WORKERS (process:SCR-2)."""
    workers = environ.get("EGG_WORKERS") or None
    if workers is not None and not (workers.isdecimal() and 1 <= int(workers) <= 999):
        raise VariableError(f"EGG_WORKERS must be a number from 1 to 999, not {workers!r}")
    return Options(port=environ.get("PORT") or None, workers=int(workers) if workers else None)
