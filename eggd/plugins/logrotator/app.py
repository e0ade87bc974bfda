"""A worker reopens its log files when the agent has renamed them."""

from __future__ import annotations

from eggd import Boot
from eggd.plugins.logrotator.reload import Reloader


class LogrotatorApp(Boot):
    """Hears `log-reload`."""

    async def did_load(self) -> None:
        """Listens before this worker counts as ready."""
        Reloader(self.app)
