"""The facts of an app: its folder, its mandatory name, its environment (core:DIR-6, ENV-1).

[project]
name = "shop"
[tool.eggd]
framework = "acme"          # the framework, if it is not eggd itself (core:FW-2)
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from eggd.config.section import coerce
from eggd.config.sources import AppInfo
from eggd.errors import ConfigError, DirectoryError
from eggd.smallfile import read_small
from eggd.suite.names import SuiteNames

_HIDDEN = (Path("/home"), Path("/root"), Path("/run/user"))
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")

FRAMEWORK = "EGG_FRAMEWORK"
"""The variable that names the framework over the app's own choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolTable:
    """The table `tool.eggd` of an app's pyproject.toml."""

    framework: str = ""
    """The package of the app's framework; empty means eggd itself."""
    start: dict[str, object] = field(default_factory=dict)
    """Options of `eggd start` that its flags do not set (eggd.cli.options)."""
    deploy: dict[str, object] = field(default_factory=dict)
    """Options of `eggd deploy` and `eggd rollback`, likewise."""


CHOSEN = "EGGD_ENV"
"""The variable by which a command passes the requested environment to its processes."""

ASKED = "--env"
"""The origin of a requested environment."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The name of an environment, and the setting that chose it."""

    name: str
    origin: str
    """`--env`, the path of the file `config/env`, EGG_SERVER_ENV, or "default"."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A framework by name, "" for eggd itself, and where it was chosen."""

    name: str
    origin: str


def app_info(base_dir: Path, environ: Mapping[str, str], *, env: str = "") -> AppInfo:
    """Returns the facts of the app known before loading; raises DirectoryError or ConfigError.

    `env` is a requested environment, and wins over all others.
    """
    check_folder(base_dir)
    chosen = environment(base_dir, environ, env)
    env = chosen.name
    home = Path(environ.get("EGG_HOME") or environ.get("HOME") or "/")
    return AppInfo(
        name=app_name(base_dir),
        base_dir=base_dir,
        env=env,
        env_origin=chosen.origin,
        scope=_part(environ.get("EGG_SERVER_SCOPE", "").strip(), "EGG_SERVER_SCOPE"),
        home=home,
        root=base_dir if env in ("local", "unittest") else home,
        pkg=pyproject(base_dir),
    )


def environment(base_dir: Path, environ: Mapping[str, str], asked: str = "") -> Environment:
    """Returns the environment of an app; raises ConfigError for an invalid name.

    `asked`, and the one a command requested (EGGD_ENV), win over `config/env`, which wins over
    EGG_SERVER_ENV, else "local" (core:ENV-1, ENV-2).
    """
    file = base_dir / "config" / "env"
    given = (
        (asked, ASKED),
        (environ.get(CHOSEN, ""), ASKED),
        (_text(file), str(file)),
        (environ.get("EGG_SERVER_ENV", ""), "EGG_SERVER_ENV"),
    )
    for name, origin in given:
        if part := _part(name.strip(), origin):
            return Environment(part, origin)
    return Environment("local", "default")


def check_folder(base_dir: Path) -> None:
    """Raises DirectoryError if the app's folder is missing or hidden by the unit's sandbox."""
    if not base_dir.is_absolute():
        raise DirectoryError(f"EGG_BASE_DIR must be an absolute path, not {str(base_dir)!r}")
    hidden = any(base_dir.is_relative_to(root) for root in _HIDDEN)
    try:
        is_there = base_dir.is_dir() and _readable(base_dir)
    except OSError:
        is_there = False
    if is_there:
        return
    names = SuiteNames.chosen(os.environ)
    if hidden:
        raise DirectoryError(
            f"app directory {str(base_dir)!r} cannot be seen: the unit has ProtectHome=yes",
            hint=f"move the app to /srv, or `systemctl edit` {names.prefix}-worker@ and"
            f" {names.prefix}-agent",
        )
    if base_dir.exists() and not base_dir.is_dir():
        raise DirectoryError(f"app directory {str(base_dir)!r} is not a directory")
    raise DirectoryError(
        f"app directory {str(base_dir)!r} does not exist or cannot be read",
        hint=f"EGG_BASE_DIR in {names.defaults} names it; user {names.user} must be able to read"
        " it",
    )


def app_name(base_dir: Path) -> str:
    """Returns `project.name` of the app's pyproject.toml. Raises ConfigError without one."""
    name = _project(base_dir).get("name")
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    rule = "must be letters, digits, '.', '-' and '_'"
    raise ConfigError(
        f"{base_dir / 'pyproject.toml'}: project.name {rule}, not {name!r}",
        hint='[project] name = "shop"',
    )


def chosen_framework(base_dir: Path, environ: Mapping[str, str]) -> Chosen:
    """Returns which framework the app rests on; raises ConfigError for a bad `tool.eggd`."""
    framework = tool_table(base_dir).framework
    given = environ.get(FRAMEWORK, "").strip()
    return (
        Chosen(given, FRAMEWORK) if given else Chosen(framework, str(base_dir / "pyproject.toml"))
    )


def tool_table(base_dir: Path) -> ToolTable:
    """Returns `tool.eggd` of the app's pyproject.toml; raises ConfigError for a bad one."""
    path = base_dir / "pyproject.toml"
    tables = pyproject(base_dir).get("tool", {})
    table = tables.get("eggd", {}) if isinstance(tables, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.eggd must be a table, not {table!r}")
    return coerce(ToolTable, table, ("tool", "eggd"), lambda key: str(path))


def _project(base_dir: Path) -> Mapping[str, object]:
    project = pyproject(base_dir).get("project", {})
    return project if isinstance(project, dict) else {}


def pyproject(base_dir: Path) -> Mapping[str, object]:
    """Returns the content of an app's pyproject.toml; raises ConfigError if it cannot be read."""
    path = base_dir / "pyproject.toml"
    try:
        return tomllib.loads(read_small(path).decode())
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: is missing", hint='an app needs it for its name: [project] name = "shop"'
        ) from None
    except RecursionError:
        raise ConfigError(f"{path}: is nested too deeply") from None
    except (OSError, ValueError) as exc:
        raise ConfigError(f"{path}: {getattr(exc, 'strerror', None) or exc}") from exc


def _part(value: str, where: str) -> str:
    """Returns what is to be part of file names; raises ConfigError where it cannot be."""
    if not value or _PART.fullmatch(value):
        return value
    raise ConfigError(
        f"{where}: must be a name such as prod, not {value!r}", hint="letters, digits, - and _"
    )


def _text(file: Path) -> str:
    try:
        return read_small(file).decode().strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, ValueError) as exc:
        raise ConfigError(
            f"{file}: cannot be read: {getattr(exc, 'strerror', None) or exc}"
        ) from exc


def _readable(folder: Path) -> bool:
    next(folder.iterdir(), None)
    return True
