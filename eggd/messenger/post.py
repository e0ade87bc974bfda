"""What all outboxes of a process share: the loop, the limits, who we are, what is due."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from eggd.messenger.config import MessengerConfig
from eggd.messenger.ledger import Ledger
from eggd.wire import datagram
from eggd.wire.datagram import Sender


class Post:
    """Ends the loop's ticks for the outboxes, and knows when none of them holds anything."""

    def __init__(self, config: MessengerConfig, sender: Sender, ledger: Ledger) -> None:
        self.config = config
        self.ledger = ledger
        self.start = datagram.head(sender)
        self.pending = 0
        self.loop = asyncio.get_running_loop()
        self._due: list[Callable[[], None]] = []
        self._waiting: list[asyncio.Future[None]] = []

    def schedule(self, tick: Callable[[], None]) -> None:
        """Calls an outbox's `tick` when this one is over."""
        if not self._due:
            self.loop.call_soon(self.deliver)
        self._due.append(tick)

    def deliver(self) -> None:
        """Empty what is due, as far as the kernel takes it."""
        due, self._due = self._due, []
        for tick in due:
            tick()

    def took(self, count: int) -> None:
        """Notes that messages left a queue, and wake `empty` when none is left in any."""
        self.pending -= count
        if not self.pending:
            for future in self._waiting:
                if not future.done():
                    future.set_result(None)
            self._waiting.clear()

    async def empty(self, timeout: float) -> bool:
        """Waits until no message is queued for anybody; false after `timeout` seconds."""
        self.deliver()
        if not self.pending:
            return True
        future = self.loop.create_future()
        self._waiting.append(future)
        await asyncio.wait([future], timeout=timeout)
        if future in self._waiting:
            self._waiting.remove(future)
        return future.done()
