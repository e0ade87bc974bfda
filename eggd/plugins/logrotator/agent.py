"""The agent rotates the log files of the whole suite: by day, by hour and by size."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

from eggd import Agent, Boot
from eggd.plugins.logrotator.calendar_timer import CalendarTimer, Daily, Hourly
from eggd.plugins.logrotator.on_command import subscribe_commands
from eggd.plugins.logrotator.reopening import subscribe_reopening
from eggd.plugins.logrotator.rotator import Rotator

AT = dt.time(0, 0, 1)
"""A second after midnight: then the lines of the day before are flushed."""
SECOND = 60
"""The second of each hour at which files are rotated by hour."""


class LogrotatorAgent(Boot[Agent]):
    """Creates `agent.logrotator` and runs it at its times."""

    _tending: asyncio.Task[None] | None = None

    async def did_load(self) -> None:
        """Creates `agent.logrotator`, which other plugins and the app may call."""
        subscribe_reopening(self.app)
        self._rotator = self.app.logrotator = Rotator(self.app)
        subscribe_commands(self.app, self._rotator)
        self._days = CalendarTimer(Daily(AT), self._on_day, self.app.timers)
        self._hours = CalendarTimer(Hourly(SECOND), self._on_hour, self.app.timers)
        # The hook `before_close` also runs if the start failed before this line.
        self.app.before_close(self._stop)

    async def did_ready(self, error: Exception | None = None) -> None:
        """Starts the timers, and makes up for a rotation that an earlier agent missed."""
        if error is not None:
            return
        for file in self._rotator.strangers():
            self.app.core_logger.warning(
                "[logrotator] %s is to be rotated, but no logger writes it", file
            )
        self._start(self._days, self._rotator.missed, self._on_day)
        options = self.config.logrotator
        if options.files_rotate_by_hour:
            self._start(self._hours, self._rotator.missed_hour, self._on_hour)
        if options.files_rotate_by_size or options.gzip or options.zstd or options.max_total_size:
            self._begin_to_tend()

    async def _stop(self) -> None:
        """Stops the timers and a compression; the agent drops its timers itself."""
        self._days.stop()
        self._hours.stop()
        self._rotator.stop()
        if self._tending is not None:
            await asyncio.wait([self._tending])

    def _start(
        self,
        timer: CalendarTimer,
        missed: Callable[[dt.datetime], dt.datetime | None],
        due: Callable[[dt.datetime], None],
    ) -> None:
        timer.start()
        tick = missed(timer.last())
        if tick is not None:
            due(tick)

    def _on_day(self, tick: dt.datetime) -> None:
        self._in_background(lambda: self._rotator.run(tick))

    def _on_hour(self, tick: dt.datetime) -> None:
        self._in_background(lambda: self._rotator.rotate_by_hour(tick))

    def _begin_to_tend(self) -> None:
        self._tending = asyncio.create_task(self._tend())

    async def _tend(self) -> None:
        # Not in the background of the app, which logs each task.
        try:
            await self._rotator.tend()
        except Exception as exc:
            self.app.core_logger.error("[logrotator] %s", exc)
        self.app.timers.after(self.config.logrotator.rotate_duration, self._begin_to_tend)

    def _in_background(self, task: Callable[[], Awaitable[object]]) -> None:
        self.app.run_in_background(task, "logrotator")
