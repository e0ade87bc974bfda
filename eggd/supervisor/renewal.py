"""New workers whenever the agent asks for them (core:DEV-2): one renewal at a time.

In env local the plugin `development` asks with X_EGGD_RELOAD=REASON, and has told the reason.
What is asked meanwhile is one renewal more, however often: it starts the code of then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from eggd.errors import BootError


class Renewal:
    """Calls `renew` as asked, and `failed` with what it raises: the next save may repair it."""

    def __init__(
        self, renew: Callable[[], Awaitable[None]], failed: Callable[[BootError], None]
    ) -> None:
        self._renew = renew
        self._failed = failed
        self._wanted = False
        self._task: asyncio.Task[None] | None = None

    def asked(self) -> None:
        """Renews, at once or after the renewal under way."""
        self._wanted = True
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._work())

    async def end(self) -> None:
        """Renews no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _work(self) -> None:
        try:
            while self._wanted:
                self._wanted = False
                try:
                    await self._renew()
                except BootError as exc:
                    self._failed(exc)
        finally:
            self._task = None
