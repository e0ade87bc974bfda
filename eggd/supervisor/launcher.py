"""Composes command, sockets and environment of each process."""

from __future__ import annotations

import math
import os
import uuid
from dataclasses import replace
from pathlib import Path

from eggd.suite.close_timeout import MARGIN, close_limit
from eggd.suite.names import DEFAULT
from eggd.supervisor import units
from eggd.supervisor.child import Launch
from eggd.supervisor.held_sockets import HeldSockets
from eggd.supervisor.settings import Settings

_OWN_KEYS = ("NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_USEC")
_NOT_INHERITED = {
    *_OWN_KEYS,
    "WATCHDOG_PID",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "EGG_DEFAULTS",
}


class Launcher:
    """Turns unit files and settings into plans and launches."""

    def __init__(self, settings: Settings, sockets: HeldSockets) -> None:
        # Variables of the next process: a test may change them (Supervisor.configure).
        self.settings = settings
        self._sockets = sockets

    def plan(self, unit: str) -> units.ServicePlan:
        """Returns the plan of a service unit, changed by the settings."""
        settings = self.settings
        plan = units.service(settings.unit_files, unit, settings.places)
        role = "agent" if unit == DEFAULT.agent else "application"
        limit = close_limit(role, {**os.environ, **settings.environ})
        if stop := settings.stop_timeout or (limit and limit + MARGIN):
            plan = replace(plan, stop_timeout=stop)
        if not settings.watchdog:
            plan = replace(plan, watchdog=0.0, start_timeout=math.inf)
        if not settings.restart:
            plan = replace(plan, restart_sec=math.inf)
        name, _, instance = unit.removesuffix(".service").partition("@")
        for each in (f"{name}@.service", unit):
            if each in settings.command:
                words = settings.command[each]
                plan = replace(plan, argv=tuple(word.replace("%i", instance) for word in words))
        return plan

    def launch(self, plan: units.ServicePlan) -> Launch:
        """Returns what to start for a service; prepares its sockets."""
        held = [self._sockets[name] for name in plan.sockets]
        for _, sock in held if plan.non_blocking else ():
            # All processes share the open socket and with it this flag; any may have changed it.
            os.set_blocking(sock.fileno(), False)
        names = ":".join(socket_plan.name for socket_plan, _ in held)
        return Launch(
            argv=plan.argv,
            environ={**self._environ(plan), "LISTEN_FDNAMES": names, **self.settings.environ},
            sockets=[sock for _, sock in held],
            directory=str(self.settings.base_dir),
            umask=plan.umask,
            files=plan.files,
            terminal=plan.unit.partition("@")[0] == self.settings.terminal,
        )

    def _environ(self, plan: units.ServicePlan) -> dict[str, str]:
        """Returns the variables of the unit, of this process, and of systemd's interface."""
        settings = self.settings
        inherited = os.environ if settings.inherited is None else settings.inherited
        given = {key: value for key, value in inherited.items() if key not in _NOT_INHERITED}
        environ = {
            **plan.environ,
            **given,
            "RUNTIME_DIRECTORY": str(settings.places.run),
            "LOGS_DIRECTORY": str(settings.places.logs),
            "STATE_DIRECTORY": str(settings.state),
            "EGGD_RUNDIR": str(settings.state),
            "NOTIFY_SOCKET": settings.notify,
            "INVOCATION_ID": uuid.uuid4().hex,
            "EGG_BASE_DIR": str(settings.base_dir),
            "EGGD_WANTS": str(settings.wants),
            "PYTHONPATH": search_path(given.get("PYTHONPATH", "")),
        }
        if plan.watchdog:
            environ["WATCHDOG_USEC"] = f"{plan.watchdog * 1_000_000:.0f}"
        if settings.env:
            environ["EGG_SERVER_ENV"] = settings.env
        return environ


def search_path(given: str = "") -> str:
    """Returns the PYTHONPATH with which the processes import the same eggd as this process."""
    home = Path(__file__).resolve().parents[2]
    if home.name in ("site-packages", "dist-packages"):
        return given
    return f"{home}:{given}" if given else str(home)
