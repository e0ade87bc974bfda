"""`BaseApplication`: what application and agent have in common (core:APP-1)."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from eggd.app.config import (
    AppConfig,
    BodyParserConfig,
    ClusterConfig,
    MetaConfig,
    NotFoundConfig,
)
from eggd.app.lifecycle import Boot, Lifecycle
from eggd.config.config import ROOT, Config
from eggd.config.sources import AppInfo, Source, environment_source, file_sources
from eggd.http import HttpConfig
from eggd.interfaces import MessengerLike
from eggd.loader import LoadUnit, only_class
from eggd.loader.plugins import PluginTable
from eggd.log import Console, LoggerConfig, Loggers
from eggd.messenger import MessengerConfig

SECTIONS: Mapping[str, type] = {
    ROOT: AppConfig,
    "cluster": ClusterConfig,
    "http": HttpConfig,
    "messenger": MessengerConfig,
    "logger": LoggerConfig,
    "body_parser": BodyParserConfig,
    "notfound": NotFoundConfig,
    "meta": MetaConfig,
}
"""The sections that the framework declares, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What a process gives its app to stand on."""

    info: AppInfo
    """The app's folder, name and environment."""
    environ: Mapping[str, str]
    """The environment variables of the process."""
    rundir: Path
    """Where sockets and dumps live; `/run/eggd` under systemd."""
    log_dir: Path
    """Where log files go unless `logger.dir` says otherwise; `/var/log/eggd` under systemd."""
    console: Console
    """Where lines for the journal or the terminal go."""
    progress: Callable[[str], None] = field(default=lambda text: None)
    """Takes one line on what the start is waiting for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """What is loaded: plugins, frameworks, the app."""

    plugins: PluginTable
    """Every plugin that is declared; the enabled ones in load order."""
    frameworks: Sequence[LoadUnit]
    """The frameworks, base first."""
    app: LoadUnit
    """The app itself."""

    @property
    def all(self) -> list[LoadUnit]:
        """All load units in load order (core:DIR-3); later wins."""
        return [*self.plugins.units, *self.frameworks, self.app]


class BaseApplication:
    """Config, loggers, lifecycle and messenger of one process.

    A process calls `load_config()`, then `load()`; `close()` at its end.
    """

    type: ClassVar[str]
    """`application` or `agent`."""
    boot_file: ClassVar[str]
    """The file of a unit that holds its boot class."""
    root = Path(__file__).resolve().parent.parent / "framework"
    """The folder of this level of the framework chain (core:DIR-4)."""
    messenger: MessengerLike

    def __init__(self, host: Host, units: Units) -> None:
        self.host = host
        self.info = host.info
        self.name = host.info.name
        self.base_dir = host.info.base_dir
        self.env = host.info.env
        self.rundir = host.rundir
        self.locals: dict[str, Any] = {}
        self.plugins = units.plugins
        self.app_unit = units.app
        self.units = units.all
        declared = ((unit.name, unit.section()) for unit in self.units)
        sections = {name: section for name, section in declared if section is not None}
        self.config: Any = Config({**SECTIONS, **sections})
        self._loggers: Loggers | None = None
        self._background: set[asyncio.Task[None]] = set()
        self.lifecycle = Lifecycle(lambda: self.core_logger, host.progress)

    @property
    def loggers(self) -> Loggers:
        """All loggers of this process; made on first access from the config as it is then."""
        if self._loggers is None:
            config = self.config[LoggerConfig]
            role = self.type
            self._loggers = Loggers(config, self.name, role, self.env, self.host.console)
        return self._loggers

    @property
    def logger(self) -> Any:
        """The app's own logger."""
        return self.loggers.logger

    @property
    def core_logger(self) -> Any:
        """The framework's logger."""
        return self.loggers.core_logger

    def get_logger(self, name: str) -> Any:
        """Return a logger by its name, None where there is none (process:LOG-3)."""
        return self.loggers.get(name)

    async def load(self) -> None:
        """Load everything and run the start hooks; raise one EggError naming what is at fault."""
        self.load_files()
        await self.lifecycle.load_hooks()

    def load_files(self) -> None:
        """Load boots, run the config hooks, freeze the config; `load_config` comes before."""
        self.load_boots()
        self.freeze_config()

    def load_config(self) -> None:
        """Merge and check the config; raise ConfigError or LoadError naming file and key."""
        given = {
            "logger": {"dir": str(self.host.log_dir), "buffer": self.env != "unittest"},
            "messenger": {"directory": str(self.rundir)},
        }
        self.config.add(Source("eggd", given))
        roots = [(unit.name, unit.root) for unit in self.units]
        for source in file_sources(roots, self.info):
            self.config.add(source)
        for source in environment_source(self.host.environ):
            self.config.add(source)
        self.config.check()

    def freeze_config(self) -> None:
        """Run the config hooks, then check the config once more and freeze it."""
        self.lifecycle.config_hooks()
        self.config.freeze()
        self.lifecycle.close_timeout = self.config[AppConfig].close_timeout

    def load_boots(self) -> None:
        """Add the boot class of every unit that has one, in load order (core:LC-2)."""
        for unit in self.units:
            module = unit.load(self.boot_file)
            if module is not None:
                file = unit.root / self.boot_file
                boot = only_class(module, Boot, file)
                self.lifecycle.add(boot(self), file)

    async def close(self) -> None:
        """End background tasks, run `before_close` hooks in reverse, flush and close the logs."""
        await self._end_background()
        await self.lifecycle.close()
        if self._loggers is not None:
            self._loggers.close()

    def run_in_background(self, function: Callable[[], Any], name: str = "") -> None:
        """Run a sync or async function after the current code; its failure is logged (BG-1..4)."""
        title = name or getattr(function, "__qualname__", "anonymous")
        task = asyncio.get_running_loop().create_task(self._background_task(function, title))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _background_task(self, function: Callable[[], Any], title: str) -> None:
        try:
            result = function()
            if inspect.isawaitable(result):
                await result
        except Exception as exc:
            self.core_logger.error("[egg:background] task:%s fail", title)
            self.logger.error(exc)

    async def _end_background(self) -> None:
        limit = self.config[AppConfig].close_timeout
        tasks = self._background - {asyncio.current_task()}
        if tasks:
            _, pending = await asyncio.wait(tasks, timeout=limit)
            for task in pending:
                task.cancel()
