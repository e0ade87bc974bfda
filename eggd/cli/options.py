"""What `eggd start` was asked for: flags, then [tool.eggd.start], then variables, then defaults.

[tool.eggd.start]
workers = 4
port = "127.0.0.1:8000"
title = "shop"
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from eggd.errors import BootError, ConfigError
from eggd.smallfile import read_small
from eggd.spelling import suggestion_or_list


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Each option of `eggd start`; None was not given."""

    port: str | None = field(default=None, metadata={"env": "PORT"})
    """`[ADDRESS:]PORT`, or the path of a Unix socket."""
    workers: int | None = field(default=None, metadata={"env": "EGG_WORKERS"})
    """How many workers."""
    env: str | None = None
    """Environment of the config; EGG_SERVER_ENV is inherited, the units say prod."""
    title: str | None = None
    """Name of the suite among those of this user."""
    framework: str | None = None
    """Package of the framework."""
    python: str | None = None
    """Interpreter of agent and workers."""
    daemon: bool | None = None
    """Whether it goes to the background."""
    stdout: str | None = None
    """File of the lines, instead of standard output."""
    stderr: str | None = None
    """File of the errors, instead of standard error."""
    timeout: float | None = None
    """Seconds to ready."""

    def over(self, base: Options) -> Options:
        """Returns these, and what was not given from `base`."""
        mine = {each.name: getattr(self, each.name) for each in fields(self)}
        return Options(
            **{key: getattr(base, key) if value is None else value for key, value in mine.items()}
        )


def gathered(flags: Options, base_dir: Path) -> Options:
    """Returns the options of one app; raises ConfigError or BootError for a bad one."""
    return flags.over(_of_table(base_dir)).over(_of_environ(os.environ))


def check_app(base_dir: Path) -> str:
    """Returns the name of the app in a folder; raises BootError where there is none (CL-4)."""
    if not base_dir.is_dir():
        raise BootError(f"app directory {str(base_dir)!r} does not exist")
    name = _project(base_dir).get("project", {})
    found = name.get("name") if isinstance(name, dict) else None
    if not isinstance(found, str) or not found:
        raise ConfigError(
            f"{base_dir / 'pyproject.toml'}: project.name must be a name, not {found!r}",
            hint='[project] name = "shop"',
        )
    return found


def _project(base_dir: Path) -> dict[str, object]:
    path = base_dir / "pyproject.toml"
    try:
        return tomllib.loads(read_small(path).decode())
    except FileNotFoundError:
        raise BootError(
            f"{path}: is missing, so {base_dir} is no app", hint="eggd init makes one"
        ) from None
    except RecursionError:
        raise ConfigError(f"{path}: is nested too deeply") from None
    except (OSError, ValueError) as exc:
        raise ConfigError(f"{path}: {getattr(exc, 'strerror', None) or exc}") from exc


def _of_table(base_dir: Path) -> Options:
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
        raise ConfigError(f"{where}.{key}: no such key", hint=hint)
    kinds = _KINDS.get(key, (str,))
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        names = " or ".join(kind.__name__ for kind in kinds)
        raise ConfigError(f"{where}.{key} must be {names}, not {value!r}")
    return str(value) if key == "port" else _checked(key, value, where)


def _checked(key: str, value: object, where: str) -> object:
    if key == "workers" and isinstance(value, int) and not 1 <= value <= 999:
        raise ConfigError(f"{where}.workers must be from 1 to 999, not {value!r}")
    return value


def _of_environ(environ: Mapping[str, str]) -> Options:
    """PORT and EGG_WORKERS (SCR-2), which must be numbers."""
    workers = environ.get("EGG_WORKERS") or None
    if workers is not None and not (workers.isdecimal() and 1 <= int(workers) <= 999):
        raise BootError(f"EGG_WORKERS must be a number from 1 to 999, not {workers!r}")
    return Options(port=environ.get("PORT") or None, workers=int(workers) if workers else None)
