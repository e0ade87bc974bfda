"""The sockets that the supervisor holds for its processes: the listener and the agent's inbox.

They stay open when a process dies, so no connection is refused and no message is lost.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from socket import socket

from eggd.socketfile import identity
from eggd.suite import address
from eggd.suite.names import DEFAULT
from eggd.supervisor import sockets, units
from eggd.supervisor.settings import Settings
from eggd.supervisor.units import SocketPlan

FileId = tuple[int, int] | None
"""Device and inode of a socket's file; None for a TCP socket."""


class HeldSockets:
    """Holds the sockets from `open` to `close`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._held: dict[str, tuple[SocketPlan, socket]] = {}
        # The file of each socket as it was created: another file at that path is not this socket.
        self._files: dict[str, FileId] = {}

    def __getitem__(self, unit: str) -> tuple[SocketPlan, socket]:
        return self._held[unit]

    @property
    def url(self) -> str:
        """The URL of the listener; "" while it is closed."""
        if DEFAULT.listener not in self._held:
            return ""
        name = self._held[DEFAULT.listener][1].getsockname()
        return address.url(name, self._settings.scheme, os.environ)

    def open(self) -> None:
        """Binds both sockets; raises ListenError on failure."""
        for unit in (DEFAULT.listener, DEFAULT.inbox):
            plan = units.socket(self._settings.unit_files, unit, self._settings.places)
            if unit == DEFAULT.listener and self._settings.listen:
                access = self._settings.access
                plan = replace(plan, listen=self._settings.listen, mode=access.mode, owner=access)
            self._hold(unit, plan)

    def close(self) -> None:
        """Closes the sockets and removes the files of Unix sockets."""
        for plan, sock in self._held.values():
            sock.close()
            sockets.unlink(plan)
        self._held.clear()

    def files(self) -> list[SocketFile]:
        """Returns the Unix sockets."""
        plans = [plan for plan, _ in self._held.values()]
        return [SocketFile(self, plan) for plan in plans if plan.listen.startswith("/")]

    def is_intact(self, unit: str) -> bool:
        """Returns whether clients reach a Unix socket: its file is the one that was created."""
        return identity(self._held[unit][0].listen) == self._files[unit]

    def restore(self, unit: str) -> None:
        """Binds a socket again, for processes that start from now on; raises ListenError."""
        plan, old = self._held[unit]
        self._hold(unit, plan)
        old.close()

    def _hold(self, unit: str, plan: SocketPlan) -> None:
        self._held[unit] = (plan, sockets.bind_socket(plan))
        self._files[unit] = identity(plan.listen)


@dataclass(frozen=True, slots=True)
class SocketFile:
    """A Unix socket as a file that may be removed and created again."""

    sockets: HeldSockets
    plan: SocketPlan

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
        return self.sockets.is_intact(self.plan.unit)

    def restore(self) -> None:
        """Binds it again; raises ListenError."""
        self.sockets.restore(self.plan.unit)
