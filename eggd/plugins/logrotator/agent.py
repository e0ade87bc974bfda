"""The agent rotates the log files of the whole suite, daily at 00:00:01 local time."""

from __future__ import annotations

import datetime as dt

from eggd import Agent, Boot
from eggd.plugins.logrotator.daily import Daily
from eggd.plugins.logrotator.reload import Reloader
from eggd.plugins.logrotator.rotator import Rotator

AT = dt.time(0, 0, 1)
"""When the lines of the day before are over: they wait for a flush no longer than a second."""


class LogrotatorAgent(Boot[Agent]):
    """Makes `agent.logrotator` and wakes it each night."""

    async def did_load(self) -> None:
        """Makes `agent.logrotator`, which other plugins and the app may call."""
        Reloader(self.app)
        self._rotator = self.app.logrotator = Rotator(self.app)
        self._daily = Daily(AT, self._due)

    async def did_ready(self, error: Exception | None = None) -> None:
        """Finishes what an earlier agent was killed at, then wait for the night."""
        if error is None:
            self._daily.start()
            missed = self._rotator.missed(self._daily.last())
            if missed is not None:
                self._due(missed)

    async def before_close(self) -> None:
        """Stops waiting."""
        self._daily.stop()

    def _due(self, tick: dt.datetime) -> None:
        self.app.run_in_background(lambda: self._rotator.run(tick), "logrotator")
