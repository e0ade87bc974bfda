"""The sockets from which this process receives: one, and more after its path was bound again."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import partial

from eggd.errors import MessengerError
from eggd.messenger.diagnostics import Diagnostics
from eggd.messenger.inbox import Inbox
from eggd.messenger.socket_path import SocketPath

MOST_INBOXES = 3
"""Most sockets that are read at once: each removal of the path adds one."""


class Mailbox:
    """Reads all sockets that were bound at the path of this process."""

    def __init__(
        self,
        path: str,
        inherited: socket.socket | None,
        create: Callable[[socket.socket], Inbox],
        diagnostics: Diagnostics,
    ) -> None:
        """Prepares; `create` returns the inbox of a socket."""
        self._path = SocketPath(path, inherited)
        self._create = create
        self._diagnostics = diagnostics
        self._inboxes: list[Inbox] = []
        # The problem that `repair` returned last.
        self._problem = ""
        # Whether the inboxes are read, also those that `repair` adds.
        self._receiving = False
        self._closed = False
        # Whether the handlers are too busy for more.
        self._paused = False

    @property
    def is_receiving(self) -> bool:
        """Whether messages are handled: False before `receive`."""
        return self._receiving

    def open(self, inherited: socket.socket | None, *, replace: bool) -> None:
        """Binds the path unless the socket is inherited; raises MessengerError."""
        self._add(inherited or self._path.bind(replace=replace))

    def receive(self) -> None:
        """Begins to receive."""
        self._receiving = True
        for inbox in self._inboxes:
            inbox.start(asyncio.get_running_loop())

    def pause(self, is_paused: bool) -> None:
        """Stops reading all sockets, or goes on with it."""
        self._paused = is_paused
        for inbox in self._inboxes:
            inbox.pause(is_paused)

    def repair(self) -> str:
        """Binds the path again if it was removed or replaced; returns the problem, or ""."""
        if self._closed or not self._inboxes or self._path.intact:
            return self._problem
        try:
            self._add(self._path.bind(replace=True))
        except MessengerError as exc:
            self._problem = f"{self._path.path} is lost: {exc.message}"
            self._diagnostics.report("lost", self._problem)
            return self._problem
        self._diagnostics.resolved("lost")
        self._diagnostics.log("warning", f"messenger: {self._path.path} was removed; bound again")
        self._problem = self._path.remaining_problem
        return self._problem

    def when_empty(self, callback: Callable[[], None]) -> None:
        """Calls a function once, when each datagram that has arrived was handled."""
        for inbox in self._inboxes:
            callback = partial(inbox.when_empty, callback)
        callback()

    def close(self) -> None:
        """Stops receiving, and removes the path if this process bound it."""
        self._closed = True
        for inbox in self._inboxes:
            inbox.close()
        self._path.unlink()

    def _add(self, sock: socket.socket) -> None:
        """Reads one more socket: peers connected to the previous one keep using that."""
        inbox = self._create(sock)
        inbox.pause(self._paused)
        self._inboxes.append(inbox)
        if len(self._inboxes) > MOST_INBOXES:
            self._inboxes.pop(1 if self._path.is_inherited else 0).close()
        if self._receiving:
            inbox.start(asyncio.get_running_loop())
