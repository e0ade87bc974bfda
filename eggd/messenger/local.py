"""A suite in one process: the app's and the agent's messenger, without sockets (process:IPC-13)."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Self

from eggd.errors import NoPeerError
from eggd.messenger import addresses
from eggd.messenger.config import MessengerConfig
from eggd.messenger.diagnostics import Log
from eggd.messenger.directory import Directory
from eggd.messenger.messenger import Messenger
from eggd.messenger.outboxes import Outboxes, Receive
from eggd.messenger.scheduler import Scheduler
from eggd.wire import datagram
from eggd.wire.datagram import Message, Sender


class LocalMessenger(Messenger):
    """The same API; `local_pair` creates the two of a process. Handlers run in the next tick."""

    def __init__(self, role: str, log: Log, receivers: dict[str, Receive]) -> None:
        super().__init__(role, 0 if role == "agent" else 1, MessengerConfig(), log)
        self._receivers = receivers
        receivers[role] = self._reception.receive_local

    async def open(self, inbox: socket.socket | None = None, *, receive: bool = True) -> None:
        """Begins to receive; without a socket no message can wait for `receive()`."""
        self._me = self._me._replace(pid=os.getpid())
        scheduler = Scheduler(self._config, self._me, self._diagnostics)
        self._join(LocalOutboxes(self._me, scheduler, self._receivers))

    def send_random(self, action: str, data: object = None) -> Self:
        """Sends to the other messenger, ready or not."""
        return self.send(action, data)

    def _address(self, to: int | str | None, slot: int | None) -> Sender:
        """Returns the named messenger, by default and for the shared pid the other one."""
        address, pid = addresses.receiver(to, slot), self._me.pid
        if address is None or address == ("", 0, pid):
            return Sender("worker", 1, pid) if self._me.role == "agent" else Sender("agent", 0, pid)
        if not address.role:
            raise NoPeerError(f"request: no process of the suite has the pid {address.pid}")
        return address._replace(pid=pid)


class LocalOutboxes(Outboxes):
    """Outboxes that deliver within the process."""

    def __init__(self, me: Sender, scheduler: Scheduler, receivers: Mapping[str, Receive]) -> None:
        super().__init__(me, Directory(""), scheduler, receivers[me.role])
        self._receivers = receivers

    def to_agent(self, message: bytes, *, always: bool = False) -> None:
        """Sends to the agent's messenger."""
        self._deliver("agent", message)

    def to_worker(self, slot: int, message: bytes, *, always: bool = False) -> None:
        """Sends to the app's messenger; any slot is its slot."""
        self._deliver("worker", message)

    def to_workers(self, message: bytes, *, always: bool = False) -> None:
        """Sends to the app's messenger."""
        self._deliver("worker", message)

    def to_this_process(self, message: bytes) -> None:
        """Sends to both messengers, which share one pid."""
        self.to_all(message)

    def to_others(self, message: bytes) -> None:
        """Drops the message: the suite has no other process."""
        self._scheduler.diagnostics.stats.dropped += 1

    def _deliver(self, role: str, message: bytes) -> None:
        decoded = datagram.decode_message(message)
        if isinstance(decoded, Message):
            self._scheduler.diagnostics.stats.sent += 1
            self._scheduler.loop.call_soon(self._receivers[role], decoded, self._me, len(message))


def local_pair(log: Log) -> tuple[LocalMessenger, LocalMessenger]:
    """Returns the app's and the agent's messenger of a single process."""
    receivers: dict[str, Receive] = {}
    return LocalMessenger("worker", log, receivers), LocalMessenger("agent", log, receivers)
