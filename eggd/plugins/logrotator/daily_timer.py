"""A timer for a time of day, on the timers of the agent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from eggd import Timer, Timers


class DailyTimer:
    """Calls `due(tick)` each day at `at` local time, with the scheduled date and time.

    If the clock jumps over several days, there is one call, for the last of them.
    """

    def __init__(self, at: dt.time, due: Callable[[dt.datetime], None], timers: Timers) -> None:
        self._at = at
        self._due = due
        self._timers = timers
        self._timer: Timer | None = None
        """None while it is stopped."""
        self._next = dt.datetime.max
        """The tick for which the timer is set."""

    def start(self) -> None:
        """Starts the timer; needs a running loop. Raises OSError."""
        self._timers.on_clock_set(self._clock_set)
        self._arm()

    def stop(self) -> None:
        """Stops the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def last(self) -> dt.datetime:
        """Returns the latest tick that has passed."""
        return latest(self._at, self._now())

    def _now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self._timers.wall_time())

    def _arm(self) -> None:
        self.stop()
        self._next = self.last() + dt.timedelta(days=1)
        self._timer = self._timers.at(self._next.timestamp(), self._on_wake)

    def _clock_set(self) -> None:
        """Calls for a tick that the clock jumped over; set back, waits for the earlier date."""
        if self._timer is not None:
            self._on_wake()

    def _on_wake(self) -> None:
        last, scheduled = self.last(), self._next
        self._arm()
        if last >= scheduled:
            self._due(last)


def latest(at: dt.time, now: dt.datetime) -> dt.datetime:
    """Returns the last date at time of day `at` that is not after `now`."""
    today = dt.datetime.combine(now.date(), at)
    return today if today <= now else today - dt.timedelta(days=1)
