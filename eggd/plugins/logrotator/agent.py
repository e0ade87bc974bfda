"""The agent rotates the log files of the whole suite, daily at 00:00:01 local time."""

from __future__ import annotations

import datetime as dt

from eggd import Agent, Boot
from eggd.plugins.logrotator.daily_timer import DailyTimer
from eggd.plugins.logrotator.reopening import subscribe_reopening
from eggd.plugins.logrotator.rotator import Rotator

AT = dt.time(0, 0, 1)
"""A second after midnight: then the lines of the day before are flushed."""


class LogrotatorAgent(Boot[Agent]):
    """Creates `agent.logrotator` and runs it every night."""

    async def did_load(self) -> None:
        """Creates `agent.logrotator`, which other plugins and the app may call."""
        subscribe_reopening(self.app)
        self._rotator = self.app.logrotator = Rotator(self.app)
        self._timer = DailyTimer(AT, self._due, self.app.timers)

    async def did_ready(self, error: Exception | None = None) -> None:
        """Starts the timer, and makes up for a rotation that an earlier agent missed."""
        if error is None:
            self._timer.start()
            missed = self._rotator.missed(self._timer.last())
            if missed is not None:
                self._due(missed)

    async def before_close(self) -> None:
        """Stops the timer."""
        self._timer.stop()

    def _due(self, tick: dt.datetime) -> None:
        self.app.run_in_background(lambda: self._rotator.run(tick), "logrotator")
