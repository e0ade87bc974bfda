"""Makes `app.watcher` in a worker."""

from __future__ import annotations

import asyncio

from eggd import Boot
from eggd.plugins.watcher.worker import WorkerWatcher

LIMIT = 5.0
"""Seconds that a worker waits for the agent before it is ready without its confirmation."""


class WatcherApp(Boot):
    """Lets the worker be ready when the agent watches its paths."""

    def config_did_load(self) -> None:
        """Makes `app.watcher`, so that later hooks can use it."""
        self.app.watcher = WorkerWatcher(self.app)

    def did_load(self) -> None:
        """Subscribes at the agent, which is ready before a worker starts."""
        self.app.watcher.open()

    async def will_ready(self) -> None:
        """Waits until no change of the paths that hooks have watched is missed."""
        try:
            async with asyncio.timeout(LIMIT):
                await self.app.watcher.ready()
        except TimeoutError:
            text = "[watcher] the agent has not confirmed the watched paths within %g s"
            self.app.core_logger.warning(text, LIMIT)
        else:
            self.app.core_logger.info("[watcher:application] watcher start success")
