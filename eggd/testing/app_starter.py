"""Starts the apps of a test session: each once, in this process, on one loop.

Runtime files and logs are in temporary folders, so that parallel sessions (pytest-xdist) share
nothing but the source.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import cast

import uvloop

import eggd
from eggd.app.application import Application
from eggd.app.loading.host import Host
from eggd.app.single import bring_up, linked
from eggd.errors import ArgumentError, DirectoryError
from eggd.loader.metadata import app_info
from eggd.log import Console
from eggd.log.console import console_level
from eggd.testing.arguments import check_kind
from eggd.testing.imports import OwnImports
from eggd.testing.loop import AppLoop, NewLoop
from eggd.testing.running_app import RunningApp

START_LIMIT = 60.0
"""The most seconds of a start, as `worker_start_timeout`."""
_STDERR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOptions:
    """Options for starting an app."""

    env: str = ""
    """Its environment; default: EGG_SERVER_ENV, else `unittest`."""
    plugins: Mapping[str, object] = field(default_factory=dict)
    """Plugins as in config/plugin.py, merged over all others."""
    framework: str = ""
    """The framework package, instead of the one that the app names."""
    before_init: Callable[[Application], object] | None = None
    """Called with the app before any of its files is loaded."""

    def __post_init__(self) -> None:
        check_kind("env", self.env, str, "text")
        check_kind("framework", self.framework, str, "text")
        check_kind("plugins", self.plugins, Mapping, "a dict as in config/plugin.py")
        if self.before_init is not None and not callable(self.before_init):
            raise ArgumentError(f"before_init must be a function, not {self.before_init!r}")


DEFAULTS = StartOptions()


class AppStarter:
    """Starts and closes apps; `directory` holds their runtime files and logs."""

    def __init__(self, directory: Path, loop: NewLoop = uvloop.new_event_loop) -> None:
        self.directory = directory
        self._new_loop = loop
        # Numbers the folders of apps with the same name.
        self._numbers = count()
        self._loop: AppLoop | None = None
        # The apps that tests share, by folder.
        self._known: dict[Path, RunningApp] = {}
        # All started apps.
        self._all: list[RunningApp] = []

    def running_app(self, base_dir: Path | str) -> RunningApp:
        """Returns the app of a folder, started on first use and again after it was closed.

        Raises the EggError of a failed start.
        """
        base_dir = Path(base_dir).absolute()
        known = self._known.get(base_dir)
        if known is None:
            known = self._known[base_dir] = self.start(base_dir, DEFAULTS)
            known.app.before_close(partial(self._known.pop, base_dir, None))
        return known

    def start(self, base_dir: Path | str, setting: StartOptions) -> RunningApp:
        """Starts one more app of a folder; raises the EggError of a failed start."""
        check_kind("the folder of an app", base_dir, (str, Path), "a path")
        base_dir = Path(base_dir).absolute()
        if not base_dir.is_dir():
            raise DirectoryError(f"the folder of the app, {base_dir}, does not exist")
        if self._loop is None:
            self._loop = AppLoop(self._new_loop)
        home = self.directory / f"{base_dir.name}-{next(self._numbers)}"
        host = _host(base_dir, home, setting)
        imports = OwnImports(base_dir)
        try:
            app = self._loop.run(_ready(host, setting), START_LIMIT)
        except BaseException:
            imports.forget()
            raise
        running = RunningApp(app=cast("eggd.Application", app), loop=self._loop, imports=imports)
        self._all.append(running)
        return running

    def close(self) -> None:
        """Closes every app and the loop."""
        for running in reversed(self._all):
            running.close()
        if self._loop is not None:
            self._loop.close()


async def _ready(host: Host, setting: StartOptions) -> Application:
    app = linked(host)
    if setting.before_init is not None:
        setting.before_init(app)
    return await bring_up(app)


def _host(base_dir: Path, home: Path, setting: StartOptions) -> Host:
    environ = {**os.environ}
    if setting.framework:
        environ["EGG_FRAMEWORK"] = setting.framework
    for folder in (home / "run", home / "logs"):
        folder.mkdir(parents=True)
    env = setting.env or environ.get("EGG_SERVER_ENV", "") or "unittest"
    level = console_level(environ.get("EGG_LOG"))
    return Host(
        info=app_info(base_dir, environ, env=env),
        environ=environ,
        rundir=home / "run",
        log_dir=home / "logs",
        # Not installed: pytest itself captures logging, warnings and uncaught exceptions.
        console=Console(_STDERR, "eggd", level, journal=False),
        plugins=setting.plugins,
        runs_schedules=False,
    )
