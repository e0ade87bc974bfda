"""The apps of one test session: each is started once, in this process, on one loop.

Runtime files and logs are in folders of their own, so that sessions side by side (pytest-xdist)
share nothing but the source.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import uvloop

from eggd.app.application import Application
from eggd.app.base import Host
from eggd.app.single import bring_up, linked
from eggd.loader.metadata import app_info
from eggd.log import Console
from eggd.log.console import console_level
from eggd.testing.imports import OwnImports
from eggd.testing.loop import AppLoop, NewLoop
from eggd.testing.running import Running

START_LIMIT = 60.0
"""Seconds a start may take, as `worker_start_timeout`."""
_STDERR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How an app is started, where it is not as usual."""

    env: str = ""
    """Its environment; EGG_SERVER_ENV where it is not said, else `unittest`."""
    plugins: Mapping[str, object] = field(default_factory=dict)
    """Plugins as config/plugin.py has them, over all others."""
    framework: str = ""
    """The package that it rests on, over its own choice."""
    before_init: Callable[[Application], object] | None = None
    """Is given the app before anything of it is loaded."""


USUAL = Setting()


class Stage:
    """Starts apps and ends them; `directory` is for their runtime files and logs."""

    def __init__(self, directory: Path, loop: NewLoop = uvloop.new_event_loop) -> None:
        self.directory = directory
        self._new_loop = loop
        self._numbers = count()
        self._loop: AppLoop | None = None
        self._known: dict[Path, Running] = {}
        self._all: list[Running] = []

    def running(self, base_dir: Path | str) -> Running:
        """Returns the app of a folder, started on first use and again once it was closed.

        Raises the EggError that its start failed with.
        """
        base_dir = Path(base_dir).absolute()
        known = self._known.get(base_dir)
        if known is None:
            known = self._known[base_dir] = self.start(base_dir, USUAL)
            known.app.before_close(partial(self._known.pop, base_dir, None))
        return known

    def start(self, base_dir: Path | str, setting: Setting) -> Running:
        """Starts the app of a folder, another one beside what may run; raises its EggError."""
        base_dir = Path(base_dir).absolute()
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
        running = Running(app=app, loop=self._loop, imports=imports)
        self._all.append(running)
        return running

    def close(self) -> None:
        """Closes every app and end the loop."""
        for running in reversed(self._all):
            running.close()
        if self._loop is not None:
            self._loop.close()


async def _ready(host: Host, setting: Setting) -> Application:
    app = linked(host)
    if setting.before_init is not None:
        setting.before_init(app)
    return await bring_up(app)


def _host(base_dir: Path, home: Path, setting: Setting) -> Host:
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
        # Not installed: logging, warnings and uncaught exceptions stay pytest's own.
        console=Console(_STDERR, "eggd", level, journal=False),
        plugins=setting.plugins,
    )
