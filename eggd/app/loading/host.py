"""`Host` and `Units`: what an app is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eggd.app.loading.timing import Timing
from eggd.config.credentials import UnitCredentials
from eggd.config.sources import AppInfo
from eggd.loader import LoadUnit
from eggd.loader.plugins import PluginTable
from eggd.log import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The process of an app, as the app sees it."""

    info: AppInfo
    """The app's folder, name and environment."""
    environ: Mapping[str, str]
    """The environment variables of the process."""
    rundir: Path
    """The directory of sockets; `/run/eggd` under systemd."""
    log_dir: Path
    """The folder of log files unless `logger.dir` is set; `/var/log/eggd` under systemd."""
    console: Console
    """Takes lines for the journal or the terminal."""
    plugins: Mapping[str, object] = field(default_factory=dict)
    """Plugins as config/plugin.py has them, over all others; for tests (core:PLG-3)."""
    progress: Callable[[str], None] = field(default=lambda text: None)
    """Receives one line about what the start is waiting for."""
    timing: Timing = field(default_factory=Timing)
    """Takes the time of every step of the start (core:DUMP-10)."""
    reload: Callable[[str], None] | None = None
    """Requests new workers from the supervisor, with the reason; None without a supervisor."""
    dump_dir: Path | None = None
    """The default of `config.rundir`, the directory of dumps; None means `rundir`."""
    state_dir: Path | None = None
    """The directory of files that survive a reboot: `/var/lib/eggd` under systemd; None means
    `log_dir`."""
    restarts_agent: bool = False
    """Whether `reload` also restarts the agent when its code has changed: `eggd dev`."""
    unit_credentials: UnitCredentials = field(default_factory=UnitCredentials)
    """The credentials that the units load, if a command loads the app outside them."""
    runs_schedules: bool = True
    """Whether jobs of `app/schedule` run at their times; not in a command or a test."""
    slot: int = 0
    """The number of this worker; 0 for the agent and the spare of a reload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The load units of an app: plugins, frameworks and the app itself."""

    plugins: PluginTable
    """Every plugin that is declared; the enabled ones in load order."""
    frameworks: Sequence[LoadUnit]
    """The frameworks, base first."""
    app: LoadUnit
    """The app itself."""
    warnings: Sequence[str] = ()
    """One line for each probable mistake."""

    @property
    def all(self) -> list[LoadUnit]:
        """All load units in load order (core:DIR-3); later wins."""
        return [*self.plugins.units, *self.frameworks, self.app]
