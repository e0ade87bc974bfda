"""The commands start, stop, restart and reload of the suite that systemd runs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from eggd.cli.progress import waiting
from eggd.errors import RunningError, SystemdError
from eggd.host import defaults
from eggd.host.suite_url import RUNTIME, suite_url
from eggd.host.systemctl import Outcome, Systemctl
from eggd.suite.slots import AGENT, INBOX, LISTENER, MASTER, WORKERS

_PARTS = (LISTENER, INBOX, WORKERS, AGENT)
_DOWN = ("inactive", "failed")


def start() -> str:
    """Starts the suite and returns a line about it. Raises SystemdError."""
    systemctl = Systemctl(os.environ)
    _drive(systemctl, systemctl.start)
    return _serving(systemctl, "started")


def stop() -> str:
    """Stops all units, also workers started without egg-master; returns "" if nothing ran."""
    systemctl = Systemctl(os.environ)
    if not any(state.active not in _DOWN for state in systemctl.states(MASTER, *_PARTS)):
        return ""
    _drive(systemctl, systemctl.stop)
    # Sockets first: a connection must not start a worker again.
    by_hand = waiting(lambda: systemctl.stop(*_PARTS), lambda: "stopping the remaining units")
    if not by_hand.ok:
        raise SystemdError(by_hand.err)
    return "stopped: egg-master.service, by systemd"


def restart() -> str:
    """Stops and starts the suite; a bad /etc/default/eggd is refused before anything stops."""
    systemctl = Systemctl(os.environ)
    _check_defaults()
    _drive(systemctl, systemctl.restart)
    return _serving(systemctl, "restarted")


def reload() -> str:
    """Rolls the workers: through egg-master where it is active, else from this very process."""
    systemctl = Systemctl(os.environ)
    master = systemctl.state(MASTER)
    if master.active == "reloading":
        raise RunningError("another reload is running", hint="journalctl -u egg-master")
    if master.ready:
        _drive(systemctl, systemctl.reload)
    else:
        _roll(systemctl)
    return _serving(systemctl, "reloaded")


def _drive(systemctl: Systemctl, verb: Callable[[str], Outcome]) -> None:
    since = time.time()
    outcome = waiting(lambda: verb(MASTER), lambda: _doing(systemctl))
    if not outcome.ok:
        raise SystemdError(systemctl.reason(MASTER, since), hint="journalctl -u egg-master")


def _doing(systemctl: Systemctl) -> str:
    master = systemctl.state(MASTER)
    return master.status or f"{MASTER}: {master.active}"


def _roll(systemctl: Systemctl) -> None:
    # Its imports are the roll's alone.
    from eggd.host.master import LOCK_DIRECTORY, Master

    progress = ["reloading"]
    master = Master(
        systemctl=systemctl,
        say=progress.append,
        warn=progress.append,
        defaults=_defaults(),
        rundir=_rundir(),
        lock_directory=Path(os.environ.get("RUNTIME_DIRECTORY") or LOCK_DIRECTORY),
    )
    waiting(master.reload, lambda: progress[-1])


def _serving(systemctl: Systemctl, done: str) -> str:
    ready = sum(state.ready for state in systemctl.states(WORKERS))
    workers = "worker" if ready == 1 else "workers"
    url = suite_url(systemctl, _rundir())
    return f"{done}: {MASTER}, by systemd, {ready} {workers} ready{' on ' * bool(url)}{url}"


def _rundir() -> Path:
    return Path(os.environ.get("EGGD_RUNDIR") or RUNTIME)


def _check_defaults() -> None:
    defaults.check(_defaults())


def _defaults() -> Path:
    return defaults.location(os.environ)
