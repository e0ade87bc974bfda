"""The shared parts of a process's outboxes: the loop, the limits, the sender, the end of ticks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from eggd.messenger.config import MessengerConfig
from eggd.messenger.diagnostics import Diagnostics
from eggd.wire import datagram
from eggd.wire.datagram import Sender


class Scheduler:
    """Ends the loop's ticks for the outboxes, and waits until all of them are empty."""

    def __init__(self, config: MessengerConfig, sender: Sender, diagnostics: Diagnostics) -> None:
        self.config = config
        self.diagnostics = diagnostics
        # The beginning of every datagram of this process.
        self.start = datagram.head(sender)
        # Messages in all queues.
        self.pending = 0
        self.loop = asyncio.get_running_loop()
        # The outboxes' `tick`s that end the current tick.
        self._due: list[Callable[[], None]] = []
        # Resolved when all queues are empty.
        self._waiting: list[asyncio.Future[None]] = []

    def schedule(self, tick: Callable[[], None]) -> None:
        """Calls `tick` of an outbox when the current tick of the loop is over."""
        if not self._due:
            self.loop.call_soon(self.deliver)
        self._due.append(tick)

    def deliver(self) -> None:
        """Empties the outboxes that are due, as far as the kernel accepts the messages."""
        due, self._due = self._due, []
        for tick in due:
            tick()

    def sent(self, count: int) -> None:
        """Notes that messages left a queue, and wakes `drained` when all queues are empty."""
        self.pending -= count
        if not self.pending:
            for future in self._waiting:
                if not future.done():
                    future.set_result(None)
            self._waiting.clear()

    async def drained(self, timeout: float) -> bool:
        """Waits until all queues are empty; False after `timeout` seconds."""
        self.deliver()
        if not self.pending:
            return True
        future = self.loop.create_future()
        self._waiting.append(future)
        await asyncio.wait([future], timeout=timeout)
        if future in self._waiting:
            self._waiting.remove(future)
        return future.done()
