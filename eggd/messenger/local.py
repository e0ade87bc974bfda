"""A suite in one process: the app's and the agent's messenger, without sockets (process:IPC-13)."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from typing import Self

from eggd.messenger.config import MessengerConfig
from eggd.messenger.directory import Directory
from eggd.messenger.ledger import Log
from eggd.messenger.messenger import Messenger
from eggd.messenger.post import Post
from eggd.messenger.routes import Routes
from eggd.wire import datagram
from eggd.wire.datagram import Message, Sender

Take = Callable[[Message, Sender], None]


class LocalMessenger(Messenger):
    """The same API; `local_pair` makes the two of a process. Handlers run in the next tick."""

    def __init__(self, role: str, log: Log, takes: dict[str, Take]) -> None:
        super().__init__(role, 0 if role == "agent" else 1, MessengerConfig(), log)
        self._takes = takes
        takes[role] = self._take

    async def open(self, inbox: socket.socket | None = None, *, hear: bool = True) -> None:
        """Begins to hear the other one; there is no socket, so there is nothing to wait in."""
        self._me = self._me._replace(pid=os.getpid())
        post = Post(self._config, self._me, self._ledger)
        self._join(LocalRoutes(self._me, post, self._takes))

    def send_random(self, action: str, data: object = None) -> Self:
        """Sends to the other one, ready or not."""
        return self.send(action, data)


class LocalRoutes(Routes):
    """Ways that end in the same process."""

    def __init__(self, me: Sender, post: Post, takes: Mapping[str, Take]) -> None:
        super().__init__(me, Directory(""), post, takes[me.role])
        self._takes = takes

    def agent(self, message: bytes, *, always: bool = False) -> None:
        """Sends to the agent's messenger."""
        self._give("agent", message)

    def worker(self, slot: int, message: bytes, *, always: bool = False) -> None:
        """Sends to the app's messenger, whatever the slot."""
        self._give("worker", message)

    def workers(self, message: bytes, *, always: bool = False) -> None:
        """Sends to the app's messenger."""
        self._give("worker", message)

    def process(self, message: bytes) -> None:
        """Sends to both: they have one pid."""
        self.everyone(message)

    def others(self, message: bytes) -> None:
        """Drops it: there is no other process."""
        self._post.ledger.stats.dropped += 1

    def _give(self, role: str, message: bytes) -> None:
        decoded = datagram.decode_message(message)
        if isinstance(decoded, Message):
            self._post.ledger.stats.sent += 1
            self._post.loop.call_soon(self._takes[role], decoded, self._me)


def local_pair(log: Log) -> tuple[LocalMessenger, LocalMessenger]:
    """Returns the app's and the agent's messenger of a single process."""
    takes: dict[str, Take] = {}
    return LocalMessenger("worker", log, takes), LocalMessenger("agent", log, takes)
