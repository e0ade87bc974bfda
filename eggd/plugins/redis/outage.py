"""Logs an outage of a server once, and tries to connect until it ends."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

from eggd import Logger

FIRST, LONGEST = 0.1, 5.0
"""Seconds before the first and between later attempts to connect; each lasts half of it or more, at
random, so that processes do not return all at once."""


class Outage:
    """Whether one server answers, as far as the last command tells.

    A timer exists only during an outage.
    """

    def __init__(
        self, title: str, logger: Callable[[], Logger], ping: Callable[[], Awaitable[object]]
    ) -> None:
        """Prepares; `ping` calls `began` or `ended`."""
        self._title = title
        self._logger = logger
        self._ping = ping
        self._since: float | None = None
        self._task: asyncio.Task[None] | None = None
        self.problem = ""
        """The error of the first command that failed; "" while the server answers."""

    def began(self, reason: str) -> None:
        """Takes a command that failed; logs the first one after a success."""
        if self._since is None:
            self._since = monotonic()
            self.problem = reason
            self._logger().error("[redis] %s is down: %s", self._title, reason)
            self._task = asyncio.get_running_loop().create_task(self._reconnect())

    def ended(self) -> None:
        """Takes a command that was answered; logs the first one after a failure."""
        if self._since is not None:
            seconds, self._since, self.problem = monotonic() - self._since, None, ""
            self._logger().info("[redis] %s is back after %.1f s", self._title, seconds)

    async def close(self) -> None:
        """Ends the attempts to connect."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _reconnect(self) -> None:
        delay = FIRST
        while self._since is not None:
            await asyncio.sleep(random.uniform(delay / 2, delay))
            with suppress(Exception):  # `ping` has reported it
                await self._ping()
            delay = min(2 * delay, LONGEST)
