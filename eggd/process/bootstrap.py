"""The steps of both mains before any app code runs: environment, sockets, interpreter, limits.

    defaults file -> app folder -> <app>/.venv -> inherited sockets -> console, notifier

An EggError is one line in the journal and in the unit's status, and exit code 1.
"""

from __future__ import annotations

import faulthandler
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eggd.app.loading.host import Host
from eggd.app.loading.timing import Timing
from eggd.config.sources import AppInfo
from eggd.errors import ArgumentError, DirectoryError, EggError
from eggd.failure import describe, limit_hint, trace
from eggd.host import defaults
from eggd.host.venv import enter_venv
from eggd.loader.metadata import CHOSEN, app_info, check_folder
from eggd.log import Console, setup_console
from eggd.log.console import console_level
from eggd.log.levels import ERROR
from eggd.process.attempt import Attempt
from eggd.process.start_limit import StartLimit
from eggd.suite.directories import unit_directory
from eggd.suite.names import SuiteNames
from eggd.suite.reload_policy import DEVELOPED
from eggd.systemd import Activation, Notifier

WELCOME = Path(__file__).resolve().parent.parent / "welcome"
"""The app that is served if EGG_BASE_DIR is not set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """The inputs of one process of the suite."""

    role: str
    """`worker` or `agent`."""
    slot: int
    """The worker's instance number; 0 for the agent, and for the spare of a reload."""
    info: AppInfo
    """The app's folder, name and environment."""
    activation: Activation
    """Sockets and intervals from systemd."""
    notifier: Notifier
    """Readiness and status to systemd."""
    console: Console
    """Lines to journal or terminal."""
    rundir: Path
    """RUNTIME_DIRECTORY; without it `run` in the app."""
    log_dir: Path
    """LOGS_DIRECTORY; without it `logs` in the app."""
    timing: Timing
    """The time that each step of the start takes."""
    limit: StartLimit
    """The time that the whole start may take."""

    @property
    def supervised(self) -> bool:
        """Whether systemd runs this process: it sets INVOCATION_ID (systemd.exec(5))."""
        return "INVOCATION_ID" in os.environ

    def host(self) -> Host:
        """Returns the environment of the app in this process."""
        return Host(
            info=self.info,
            environ=os.environ,
            rundir=self.rundir,
            dump_dir=_directory("EGGD_RUNDIR", self.rundir),
            log_dir=self.log_dir,
            state_dir=_directory("STATE_DIRECTORY", self.log_dir),
            console=self.console,
            progress=lambda text: self.status(f"starting {self.info.name}: {text}"),
            timing=self.timing,
            reload=self.notifier.reload if self.notifier.heard else None,
            restarts_agent=bool(os.environ.get(DEVELOPED)),
            slot=self.slot,
        )

    def status(self, text: str) -> None:
        """Shows `text` in the unit's status."""
        self.notifier.status(text)


def run(role: str, argv: list[str], main: Callable[[Process], int]) -> int:
    """Prepares the process and returns the exit code of `main`, or 1 after an error.

    A worker whose last boot failed sleeps first; another failure is counted.
    """
    faulthandler.enable()  # SIGABRT of WatchdogSec= prints every thread's stack
    prefix = SuiteNames.chosen(os.environ).prefix
    console = setup_console(None, f"{prefix}-{role}")
    notifier = Notifier(os.environ)
    attempt: Attempt | None = None

    def give_up(line: str) -> None:
        notifier.failed(line)
        if attempt is not None:
            attempt.failed(line)

    def blocked(line: str) -> None:
        console.write(ERROR, line)
        give_up(line)

    try:
        slot = _slot(role, argv)
        console.identify(role, slot, prefix)
        if role == "worker":
            attempt = Attempt(_runtime_directory(), slot, notifier)
            if not attempt.sleep():
                return 0
        return main(_prepare(role, argv, console, notifier, blocked))
    except Exception as exc:
        line = _report(exc, console)
    give_up(line)
    return 1


def _report(exc: Exception, console: Console) -> str:
    """Writes an error to the console; returns it as one line."""
    hint = limit_hint(exc)
    if not isinstance(exc, EggError):
        console.log_uncaught(exc)
        return f"{describe(exc)} ({hint})" if hint else describe(exc)
    exc.hint = exc.hint or hint
    if debug := trace(exc, os.environ):
        console.write(ERROR, debug)
    console.write(ERROR, exc.line)
    return exc.line


def _prepare(
    role: str,
    argv: list[str],
    console: Console,
    notifier: Notifier,
    blocked: Callable[[str], None],
) -> Process:
    if os.environ.get("EGG_DEFAULTS"):
        defaults.check(Path(os.environ["EGG_DEFAULTS"]))
    console.level = console_level(os.environ.get("EGG_LOG"))
    base_dir = _real_base_dir()
    enter_venv(base_dir, [f"eggd.process.{role}", *argv[1:]], notifier)
    activation = Activation.from_environ(os.environ, os.getpid())
    Activation.take(os.environ)
    if str(base_dir) not in sys.path:
        sys.path.append(str(base_dir))
    timing = Timing("agent" if role == "agent" else "application", base_dir)
    return Process(
        role=role,
        slot=_slot(role, argv),
        info=app_info(base_dir, os.environ, env=os.environ.pop(CHOSEN, "")),
        activation=activation,
        notifier=notifier,
        console=console,
        rundir=_create(_runtime_directory()),
        log_dir=_create(_directory("LOGS_DIRECTORY", base_dir / "logs")),
        timing=timing,
        limit=StartLimit(timing, blocked),
    )


def _base_dir() -> Path:
    return Path(os.environ.get("EGG_BASE_DIR") or WELCOME)


def _real_base_dir() -> Path:
    """Returns the app's folder without symbolic links; raises DirectoryError if it is missing.

    `eggd deploy` leads a link to another release while this process, its interpreter and files that
    it opens later must stay those of the release that it started with.
    """
    base_dir = _base_dir()
    check_folder(base_dir)
    real = base_dir.resolve()
    if real != base_dir:
        os.environ["EGG_BASE_DIR"] = str(real)
    return real


def _slot(role: str, argv: list[str]) -> int:
    if role == "agent":
        return 0
    name = argv[1] if len(argv) == 2 else ""
    if name == "0" or (name.isascii() and name.isdecimal() and name[0] != "0" and len(name) < 4):
        return int(name)
    names = SuiteNames.chosen(os.environ)
    raise ArgumentError(
        f"{names.prefix}-worker@{name}: instance must be a number from 1 to 999, not {name!r}",
        hint=f"systemctl start {names.prefix}-worker@1",
    )


def _runtime_directory() -> Path:
    return _directory("RUNTIME_DIRECTORY", _base_dir() / "run")


def _directory(variable: str, default: Path) -> Path:
    return Path(unit_directory(os.environ, variable) or default)


def _create(path: Path) -> Path:
    """Creates a directory; under systemd, which should have created it, ignores a failure."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        if path.parent.is_dir() and "INVOCATION_ID" not in os.environ:
            raise DirectoryError(f"directory {str(path)!r} cannot be made: {exc.strerror}") from exc
    return path
