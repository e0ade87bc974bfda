"""A worker reopens its log files when the agent has renamed them."""

from __future__ import annotations

from eggd import Boot
from eggd.plugins.logrotator.reopening import subscribe_reopening


class LogrotatorApp(Boot):
    """Reopens the log files on `log-reload`."""

    async def did_load(self) -> None:
        """Subscribes before this worker is ready: from then on the agent expects an answer."""
        subscribe_reopening(self.app)
