"""Runs one coroutine function on request; requests made while it runs become one more run.

So several saves during a reload (core:DEV-2) cause one more reload, which loads the newest code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from eggd.errors import BootError


class Coalescer:
    """Calls `run` as requested, and `failed` with a BootError that it raises."""

    def __init__(
        self, run: Callable[[], Awaitable[None]], failed: Callable[[BootError], None]
    ) -> None:
        self._run = run
        self._failed = failed
        # Whether a request has come since the last run began.
        self._requested = False
        self._task: asyncio.Task[None] | None = None

    def request(self) -> None:
        """Requests a run: now, or after the one under way."""
        self._requested = True
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def end(self) -> None:
        """Cancels the run under way and waits for its end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        try:
            while self._requested:
                self._requested = False
                try:
                    await self._run()
                except BootError as exc:
                    self._failed(exc)
        finally:
            self._task = None
