"""A timer for a time of each day or hour, on the timers of the agent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Protocol

from eggd import Timer, Timers


class Calendar(Protocol):
    """A sequence of ticks; times are Unix times."""

    def latest(self, now: float) -> float:
        """Returns the last tick that is not after `now`."""
        ...

    def following(self, tick: float) -> float:
        """Returns the tick after this one."""
        ...


class Daily:
    """A tick at the same local time of each day."""

    def __init__(self, at: dt.time) -> None:
        self._at = at

    def latest(self, now: float) -> float:
        """Returns today's tick, or yesterday's before that time."""
        moment = dt.datetime.fromtimestamp(now)
        today = dt.datetime.combine(moment.date(), self._at)
        last = today if today <= moment else today - dt.timedelta(days=1)
        return last.timestamp()

    def following(self, tick: float) -> float:
        """Returns the tick of the next date, 23 to 25 hours later."""
        date = dt.datetime.fromtimestamp(tick).date() + dt.timedelta(days=1)
        return dt.datetime.combine(date, self._at).timestamp()


class Hourly:
    """A tick each hour, at the same second of each local hour."""

    def __init__(self, second: int) -> None:
        self._second = second

    def latest(self, now: float) -> float:
        """Returns the tick of this hour, or of the hour before."""
        moment = dt.datetime.fromtimestamp(now)
        # Not by division: an offset may be 5:30 hours.
        into = (moment.minute * 60 + moment.second - self._second) % 3600
        return int(now) - into

    def following(self, tick: float) -> float:
        """Returns the tick an hour later."""
        return self.latest(tick + 3600)


class CalendarTimer:
    """Calls `due(tick)` at each tick of a calendar, with the local date and time of the tick.

    If the clock jumps over several ticks, there is one call, for the last of them.
    """

    def __init__(
        self, calendar: Calendar, due: Callable[[dt.datetime], None], timers: Timers
    ) -> None:
        self._calendar = calendar
        self._due = due
        self._timers = timers
        self._timer: Timer | None = None
        """None while it is stopped."""
        self._next = 0.0
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
        return dt.datetime.fromtimestamp(self._latest())

    def _latest(self) -> float:
        return self._calendar.latest(self._timers.wall_time())

    def _arm(self) -> None:
        self.stop()
        self._next = self._calendar.following(self._latest())
        self._timer = self._timers.at(self._next, self._on_wake)

    def _clock_set(self) -> None:
        """Calls for a tick that the clock jumped over; set back, waits for the earlier date."""
        if self._timer is not None:
            self._on_wake()

    def _on_wake(self) -> None:
        last, scheduled = self._latest(), self._next
        self._arm()
        if last >= scheduled:
            self._due(dt.datetime.fromtimestamp(last))
