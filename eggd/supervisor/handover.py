"""What every process is started with: the sockets that are held for it, and its environment.

A process that dies leaves the sockets here, so nobody is refused, and what waits in them waits.
"""

from __future__ import annotations

import math
import os
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from socket import socket

from eggd.suite.closing import MARGIN, close_limit
from eggd.suite.slots import AGENT, INBOX, LISTENER
from eggd.supervisor import sockets, units
from eggd.supervisor.child import Launch
from eggd.supervisor.settings import Settings

_OURS = ("NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_USEC")
_NOT_INHERITED = {*_OURS, "WATCHDOG_PID", "INVOCATION_ID", "JOURNAL_STREAM", "EGG_DEFAULTS"}


class Handover:
    """Holds the sockets from `open` to `close`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held: dict[str, tuple[units.SocketPlan, socket]] = {}
        self._files: dict[str, tuple[int, int] | None] = {}

    @property
    def url(self) -> str:
        """Where this host reaches the listener; "" while there is none."""
        found = self._held.get(LISTENER)
        return sockets.url(found[1], self._settings.scheme) if found else ""

    def open(self) -> None:
        """Binds both sockets; raises BootError where that cannot be."""
        for unit in (LISTENER, INBOX):
            plan = units.socket(self._settings.unit_files, unit, self._settings.places)
            if unit == LISTENER and self._settings.listen:
                plan = replace(plan, listen=self._settings.listen)
            self._hold(unit, plan)

    def parts(self) -> list[HeldSocket]:
        """Returns the Unix sockets."""
        plans = [plan for plan, _ in self._held.values()]
        return [HeldSocket(self, plan) for plan in plans if plan.listen.startswith("/")]

    def is_intact(self, unit: str) -> bool:
        """Whether clients reach a socket: its file exists and is the one that was created."""
        return sockets.identity(self._held[unit][0].listen) == self._files[unit]

    def restore(self, unit: str) -> None:
        """Binds a socket again, for processes that start from now on; raises BootError."""
        plan, old = self._held[unit]
        self._hold(unit, plan)
        old.close()

    def _hold(self, unit: str, plan: units.SocketPlan) -> None:
        self._held[unit] = (plan, sockets.bound(plan))
        self._files[unit] = sockets.identity(plan.listen)

    def close(self) -> None:
        """Closes the sockets, and removes those that are files."""
        for plan, sock in self._held.values():
            sock.close()
            sockets.unlink(plan)
        self._held.clear()

    def plan(self, unit: str) -> units.ServicePlan:
        """Returns the plan of a service unit with what the settings change of it."""
        settings = self._settings
        plan = units.service(settings.unit_files, unit, settings.places)
        role = "agent" if unit == AGENT else "application"
        limit = close_limit(role, {**os.environ, **settings.environ})
        if stop := settings.stop_timeout or (limit and limit + MARGIN):
            plan = replace(plan, stop_timeout=stop)
        if not settings.watchdog:
            plan = replace(plan, watchdog=0.0, start_timeout=math.inf)
        name, _, instance = unit.removesuffix(".service").partition("@")
        for each in (f"{name}@.service", unit):
            if each in settings.command:
                words = settings.command[each]
                plan = replace(plan, argv=tuple(word.replace("%i", instance) for word in words))
        return plan

    def launch(self, plan: units.ServicePlan) -> Launch:
        """Returns what to start for a service, sockets prepared for it."""
        held = [self._held[name] for name in plan.sockets]
        for _, sock in held if plan.non_blocking else ():
            # The flag belongs to the open socket, which all share: any of them may have changed it.
            os.set_blocking(sock.fileno(), False)
        names = ":".join(socket_plan.name for socket_plan, _ in held)
        return Launch(
            argv=plan.argv,
            environ={**self._environ(plan), "LISTEN_FDNAMES": names, **self._settings.environ},
            sockets=[sock for _, sock in held],
            directory=str(self._settings.base_dir),
            umask=plan.umask,
            files=plan.files,
            terminal=plan.unit.partition("@")[0] == self._settings.terminal,
        )

    def _environ(self, plan: units.ServicePlan) -> dict[str, str]:
        """The unit's variables, ours over them as EnvironmentFile= would, and what we hand over."""
        settings = self._settings
        given = {key: value for key, value in os.environ.items() if key not in _NOT_INHERITED}
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


@dataclass(frozen=True, slots=True)
class HeldSocket:
    """A Unix socket as a part that may be removed and created again."""

    handover: Handover
    plan: units.SocketPlan

    @property
    def name(self) -> str:
        """Its unit."""
        return self.plan.unit

    @property
    def paths(self) -> list[Path]:
        """Its file."""
        return [Path(self.plan.listen)]

    @property
    def intact(self) -> bool:
        """Whether clients reach it."""
        return self.handover.is_intact(self.plan.unit)

    def restore(self) -> None:
        """Binds it again; raises BootError."""
        self.handover.restore(self.plan.unit)


def search_path(given: str = "") -> str:
    """Returns PYTHONPATH by which the processes find the eggd that runs us, from a checkout too."""
    home = Path(__file__).resolve().parents[2]
    if home.name in ("site-packages", "dist-packages"):
        return given
    return f"{home}:{given}" if given else str(home)
