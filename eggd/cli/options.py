"""The options of `eggd start`: flags, then [tool.eggd.start], then variables, then defaults.

[tool.eggd.start]
workers = 4
port = "127.0.0.1:8000"
title = "shop"
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated

from eggd.config.measures import Seconds
from eggd.config.section import coerce
from eggd.errors import ArgumentError, ConfigError, DirectoryError, VariableError
from eggd.host.release.health import Check, is_url_path
from eggd.loader.metadata import app_name, tool_table
from eggd.ranges import Between
from eggd.suite.slots import LAST_SLOT


class OptionError(ArgumentError):
    """Raised for a wrong value of an option, as click's own errors of usage."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Each option of `eggd start`; None if it is not set."""

    port: str | None = None
    """`[ADDRESS:]PORT` or `unix:PATH`."""
    owner: str | None = None
    """`USER[:GROUP]` or `:GROUP`, the owner of the Unix socket's file."""
    mode: str | None = None
    """Access mode of the Unix socket's file in octal digits, such as 660."""
    workers: Annotated[int, Between(1, LAST_SLOT)] | None = None
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
    timeout: Annotated[float, Between(0, 86_400)] | None = None
    """Seconds until the suite must be ready."""

    def over(self, base: Options) -> Options:
        """Returns these options, with those that are not set taken from `base`."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(base, **{key: each for key, each in given.items() if each is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseOptions:
    """Each option of `eggd deploy` and `eggd rollback`; None if it is not set."""

    check: str | None = None
    """Path that must answer with 2xx or 3xx; without it `/`, with any status below 500."""
    healthy: Annotated[Seconds, Between(0, 86_400)] | None = None
    """The time for which a new release must stay healthy; default: 10 seconds."""
    keep: Annotated[int, Between(1, 1000)] | None = None
    """Number of releases to keep; default: 5."""

    @property
    def as_check(self) -> Check:
        """The check that these options ask for."""
        return Check() if self.check is None else Check(self.check, strict=True)

    @property
    def seconds(self) -> float:
        """The seconds for which a release must stay healthy."""
        return 10.0 if self.healthy is None else self.healthy

    @property
    def count(self) -> int:
        """The number of releases to keep."""
        return 5 if self.keep is None else self.keep


def release_options(release: Path, flags: ReleaseOptions) -> ReleaseOptions:
    """Returns the flags, and what they leave open from `tool.eggd.deploy` of a release.

    Raises ConfigError for a wrong value there.
    """
    place, keys = str(release / "pyproject.toml"), ("tool", "eggd", "deploy")
    table = coerce(ReleaseOptions, tool_table(release).deploy, keys, lambda key: place)
    if table.check is not None and not is_url_path(table.check):
        raise ConfigError(f"{place}: tool.eggd.deploy.check must be a path, not {table.check!r}")
    given = {each.name: getattr(flags, each.name) for each in fields(flags)}
    return replace(table, **{key: each for key, each in given.items() if each is not None})


def merge_options(flags: Options, base_dir: Path) -> Options:
    """Returns the options of one app; raises ConfigError for a bad one."""
    return flags.over(table_options(base_dir)).over(_environ_options(os.environ))


def check_app(base_dir: Path) -> str:
    """Returns the name of the app in a directory; raises DirectoryError or ConfigError."""
    if not base_dir.is_dir():
        raise DirectoryError(f"app directory {str(base_dir)!r} does not exist")
    if not (base_dir / "pyproject.toml").exists():
        raise DirectoryError(
            f"{base_dir} is not an app: pyproject.toml is missing",
            hint="create an app with eggd init",
        )
    return app_name(base_dir)


def table_options(base_dir: Path) -> Options:
    """Returns the options of `tool.eggd.start`; raises ConfigError for a bad one."""
    place, table = str(base_dir / "pyproject.toml"), dict(tool_table(base_dir).start)
    if type(table.get("port")) is int:
        table["port"] = str(table["port"])
    return coerce(Options, table, ("tool", "eggd", "start"), lambda key: place)


def _environ_options(environ: Mapping[str, str]) -> Options:
    """Returns the options of PORT and EGG_WORKERS (process:SCR-2)."""
    workers = environ.get("EGG_WORKERS") or None
    if workers is not None and not (workers.isdecimal() and 1 <= int(workers) <= LAST_SLOT):
        raise VariableError(f"EGG_WORKERS must be a number from 1 to {LAST_SLOT}, not {workers!r}")
    return Options(port=environ.get("PORT") or None, workers=int(workers) if workers else None)
