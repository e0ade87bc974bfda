"""The outage of a server: the client tries to connect until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from eggd import Logger, Outage, RetryPauses
from eggd.plugins.redis.refusals import Refusals

FIRST, LONGEST = 0.1, 5.0
"""Most seconds before the first attempt to connect, and between later ones."""


class Reconnection(Outage):
    """Whether one server answers; a timer exists only during an outage."""

    def __init__(
        self, title: str, logger: Callable[[], Logger], ping: Callable[[], Awaitable[object]]
    ) -> None:
        """Prepares; `ping` reports its success or failure here."""
        super().__init__(title, logger)
        self.refusals = Refusals(title, logger)
        """The commands that the server refuses while it answers."""
        self._ping = ping
        # The attempts of the last outage; None before the first.
        self._task: asyncio.Task[None] | None = None
        # Commands that end with the connections are not failures.
        self._is_closed = False

    def failure(self, reason: str | BaseException) -> bool:
        """Takes a command that failed; the first one after a success starts the attempts."""
        begins = not self._is_closed and super().failure(reason)
        if begins:
            self._task = asyncio.get_running_loop().create_task(self._reconnect())
        return begins

    async def close(self) -> None:
        """Ends the attempts to connect; later failures are not reported."""
        self._is_closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _reconnect(self) -> None:
        pauses = RetryPauses(FIRST, LONGEST)
        while self.is_on:
            await asyncio.sleep(pauses.failure())
            with suppress(Exception):  # `ping` has reported it
                await self._ping()
