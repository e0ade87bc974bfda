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
        self._pauses = RetryPauses(FIRST, LONGEST)
        # The wait before the next attempt, and the last attempt; one of both at most is under way,
        # also if an outage begins while the attempt of the one before it goes on.
        self._timer: asyncio.TimerHandle | None = None
        self._attempt: asyncio.Task[None] | None = None
        # Commands that end with the connections are not failures.
        self._is_closed = False

    def failure(self, reason: str | BaseException) -> bool:
        """Takes a command that failed; the first one after a success starts the attempts."""
        begins = not self._is_closed and super().failure(reason)
        if begins and (self._attempt is None or self._attempt.done()):
            self._wait()
        return begins

    def success(self) -> bool:
        """Takes a command that was answered; the first one after a failure ends the attempts."""
        ends = super().success()
        if ends:
            self._pauses.success()
            self._end_wait()
        return ends

    async def close(self) -> None:
        """Ends the attempts to connect; later failures are not reported."""
        self._is_closed = True
        self._end_wait()
        if self._attempt is not None:
            self._attempt.cancel()
            await asyncio.wait([self._attempt])

    def _wait(self) -> None:
        pause = self._pauses.failure()
        self._timer = asyncio.get_running_loop().call_later(pause, self._begin_attempt)

    def _end_wait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _begin_attempt(self) -> None:
        self._attempt = asyncio.get_running_loop().create_task(self._try())

    async def _try(self) -> None:
        with suppress(Exception):  # `ping` has reported it
            await self._ping()
        if self.is_on and not self._is_closed:
            self._wait()
