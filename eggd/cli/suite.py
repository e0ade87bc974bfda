"""The commands start, stop, restart and reload of the suite that systemd runs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from eggd.cli.progress import following, waiting
from eggd.errors import RunningError, SystemdError
from eggd.host import defaults
from eggd.host.suite_url import suite_url
from eggd.host.systemctl import Outcome, Systemctl
from eggd.suite import wording
from eggd.suite.names import SuiteNames
from eggd.suite.start import refusals

_DOWN = ("inactive", "failed")


def start(names: SuiteNames) -> str:
    """Starts the suite and returns a line about it.

    Raises SystemdError, also if a unit of a suite that is already running does not start.
    """
    systemctl = Systemctl(os.environ)
    is_running = systemctl.state(names.master).ready
    _drive(systemctl, names, systemctl.start)
    if is_running:  # systemctl starts the missing units, too, but does not wait for them
        _complete(systemctl, names)
    return _serving(systemctl, names, "started")


def stop(names: SuiteNames) -> str:
    """Stops all units, also workers started without the master; returns "" if nothing ran."""
    systemctl = Systemctl(os.environ)
    parts = (*names.sockets, names.workers, names.agent)
    if not any(state.active not in _DOWN for state in systemctl.states(names.master, *parts)):
        return ""
    _drive(systemctl, names, systemctl.stop)
    # Sockets first: a connection must not start a worker again.
    by_hand = waiting(lambda: systemctl.stop(*parts), lambda: "stopping the remaining units")
    if not by_hand.ok:
        raise SystemdError(by_hand.err)
    return f"stopped: {names.master}, by systemd"


def restart(names: SuiteNames) -> str:
    """Stops and starts the suite.

    Bad settings, a masked unit and wrong enabled workers are refused before anything stops.
    """
    systemctl = Systemctl(os.environ)
    defaults.check(defaults.location(os.environ))
    units = systemctl.wants(names.master)
    if mask := systemctl.mask(names.master, *units):
        raise SystemdError(mask)
    if wrong := refusals(names.workers_among(units), names):
        raise SystemdError("; ".join(wrong))
    _drive(systemctl, names, systemctl.restart)
    return _serving(systemctl, names, "restarted")


def reload(names: SuiteNames) -> str:
    """Rolls the workers: through the master where it is active, else from this very process."""
    systemctl = Systemctl(os.environ)
    master = systemctl.state(names.master)
    if master.active == "reloading":
        raise RunningError("another reload is running", hint=f"journalctl -u {names.prefix}-master")
    if master.ready:
        _drive(systemctl, names, systemctl.reload)
    else:
        _roll(systemctl, names)
    return _serving(systemctl, names, "reloaded")


def _complete(systemctl: Systemctl, names: SuiteNames) -> None:
    """Starts the units of a running suite that are down, and waits until all are up."""
    since, units = time.time(), systemctl.wants(names.master)
    if not names.workers_among(units):
        raise SystemdError("no worker is enabled", hint=f"run '{names.command('scale N')}'")
    waiting(lambda: systemctl.start(*units), lambda: "starting the missing units")
    missing = [state.unit for state in systemctl.states(*units) if not state.ready]
    if missing:
        reasons = {unit: systemctl.reason(unit, since) for unit in missing}
        raise SystemdError(wording.reasons(reasons), hint="the other processes serve on")


def _drive(systemctl: Systemctl, names: SuiteNames, verb: Callable[[str], Outcome]) -> None:
    since, before = time.time(), systemctl.state(names.master).status
    outcome = waiting(lambda: verb(names.master), lambda: progress_of(systemctl, names, before))
    if outcome.canceled:
        text = f"another command has stopped {names.master} meanwhile"
        raise SystemdError(text, hint=names.command("status"))
    if not outcome.ok:
        reason = systemctl.reason(names.master, since)
        raise SystemdError(reason, hint=f"journalctl -u {names.prefix}-master")


def progress_of(systemctl: Systemctl, names: SuiteNames, before: str = "") -> str:
    """Returns what egg-master does; "" as long as it has only the status from `before`.

    "" also once it shows why it failed: that is the error, not progress.
    """
    master = systemctl.state(names.master)
    if master.explained or (before and master.status == before):
        return ""
    return master.status or f"{names.master}: {master.active}"


def _roll(systemctl: Systemctl, names: SuiteNames) -> None:
    # Its imports are the roll's alone.
    from eggd.host.master import Master

    def work(say: Callable[[str], None]) -> None:
        Master(
            systemctl=systemctl,
            say=say,
            warn=say,
            names=names,
            defaults=defaults.location(os.environ),
            rundir=_rundir(names),
            lock_directory=Path(os.environ.get("RUNTIME_DIRECTORY") or names.lock_directory),
            drop_ins=Path(names.drop_ins),
        ).reload()

    following(work, "reloading")


def _serving(systemctl: Systemctl, names: SuiteNames, done: str) -> str:
    ready = sum(state.ready for state in systemctl.states(names.workers))
    workers = "worker" if ready == 1 else "workers"
    url = suite_url(systemctl, names, _rundir(names))
    return f"{done}: {names.master}, by systemd, {ready} {workers} ready{' on ' * bool(url)}{url}"


def _rundir(names: SuiteNames) -> Path:
    return Path(os.environ.get("EGGD_RUNDIR") or names.runtime)
