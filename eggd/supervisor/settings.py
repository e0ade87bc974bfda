"""The settings of a supervisor: one app, its workers and its address."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from eggd.socketfile import Access
from eggd.suite.min_ready import MIN_READY
from eggd.suite.names import DEFAULT
from eggd.supervisor.units import UNITS, Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one supervisor; empty and zero values mean those of the unit files."""

    base_dir: Path
    """The app's folder, absolute."""
    workers: int = 1
    """Slots 1 to this number are started."""
    listen: str = ""
    """`[ADDRESS:]PORT` or the path of a Unix socket."""
    access: Access = field(default_factory=Access)
    """Owner and mode of that Unix socket."""
    env: str = ""
    """EGG_SERVER_ENV."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """Further variables for the processes, which win over all others."""
    inherited: Mapping[str, str] | None = None
    """The environment that the processes inherit; None: that of the supervisor."""
    run: Path | None = None
    """The runtime directory; `<base_dir>/run`."""
    notify_socket: Path | None = None
    """The notify socket; in the runtime directory by default."""
    logs: Path | None = None
    """The log directory; `<base_dir>/logs`."""
    min_ready: float = MIN_READY
    """Seconds that each new process of a reload must stay ready before the next is replaced."""
    stop_timeout: float = 0.0
    """Seconds from SIGTERM to SIGKILL."""
    python: str = sys.executable
    """The interpreter of the processes."""
    scheme: str = "http"
    """The scheme of the URL: `https` if the workers have a certificate."""
    watchdog: bool = True
    """Whether hung processes are killed; off under a debugger."""
    restart: bool = True
    """Whether a process that ends is started again."""
    terminal: str = ""
    """Unit or template whose processes inherit standard input and output, for pdb."""
    command: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Other commands than the units', by unit or template; `%i` is the instance."""
    unit_files: Path = UNITS
    """The folder of the unit files."""

    @property
    def places(self) -> Places:
        """The run and log directories."""
        return Places(
            run=self.run or self.base_dir / "run",
            logs=self.logs or self.base_dir / "logs",
            python=self.python,
        )

    @property
    def state(self) -> Path:
        """The folder of files that outlive the suite: dumps (`config.rundir`), files of plugins."""
        return self.base_dir / "run"

    @property
    def wants(self) -> Path:
        """The folder with a file for each enabled worker."""
        return self.places.run / f"{DEFAULT.master}.wants"

    @property
    def notify(self) -> str:
        """The path of the notify socket."""
        return str(self.notify_socket or self.places.run / "notify.sock")
