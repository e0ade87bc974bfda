"""The ticks of one job, by cron on the wall clock or by interval on the elapsed time.

The interval of a job of type `cluster` is on the wall clock, too.

A tick that was missed, since no agent ran, its loop was blocked or the clock was set forward, runs
late: once, however many were missed. The next time is computed from the tick, not from the call.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from eggd import Timer, Timers
from eggd.plugins.schedule.every import Times
from eggd.plugins.schedule.options import JobOptions
from eggd.plugins.schedule.record import Mark

SET_BACK = 3 * 3600.0
"""Seconds: a clock that is set back by more makes a job wait for the times of its new date. By
less, the ticks since are not repeated, unless the job is due in every hour, as cron(8)."""


class JobTimer:
    """Calls `fire(wall, elapsed)` at each tick, with its scheduled time on both clocks."""

    def __init__(
        self,
        options: JobOptions,
        timers: Timers,
        fire: Callable[[float, float], None],
        report: Callable[[str], None],
    ) -> None:
        self._options = options
        self._timers = timers
        self._fire = fire
        self._report = report
        self._times: Times | None = options.times
        self._timer: Timer | None = None
        """None while no tick is planned."""
        self._tick = 0.0
        """The planned tick: Unix time of cron, elapsed time of an interval."""
        self._before = 0.0
        """The tick before, or the time of the start."""

    def done_until(self, tick: float) -> float:
        """Returns the Unix time until which all ticks of cron are done with `tick`, which is the
        first of those that were missed together."""
        return tick if self._times is None else max(tick, self._before)

    @property
    def is_overdue(self) -> bool:
        """Whether the planned tick was missed, so that it is due at once."""
        now = self._timers.elapsed_time() if self._times is None else self._timers.wall_time()
        return self._timer is not None and self._tick <= now

    def start(self, mark: Mark | None, *, is_same_boot: bool) -> None:
        """Plans the first tick; one that was missed since `mark` is due at once."""
        if self._times is not None:
            self._timers.on_clock_set(self._clock_set)
            now = self._timers.wall_time()
            # A mark of the future was written while the clock was wrong.
            is_known = mark is not None and not self._is_set_back(now, mark.wall)
            self._plan_cron(mark.wall if mark is not None and is_known else now)
        elif self._options.interval is not None:
            now = self._timers.elapsed_time()
            last = now if mark is None else mark.elapsed
            if mark is not None and not is_same_boot:
                last = now - max(0.0, self._timers.wall_time() - mark.wall)
            self._plan_interval(min(last, now))

    def stop(self) -> None:
        """Plans no further tick."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _plan_cron(self, after: float) -> None:
        """Plans the first tick after a Unix time, unless that is after `end_date`."""
        assert self._times is not None
        self.stop()
        self._before = after
        begin, end = self._options.begin, self._options.end
        tick = self._times.next(int(after if begin is None else max(after, begin - 1)))
        if end is not None and tick > end:
            self._report("reach end_date, will stop")
            return
        self._tick = tick
        self._timer = self._timers.at(tick + self._delay(), self._on_cron)
        self._announce(tick - self._timers.wall_time(), tick)

    def _plan_interval(self, last: float) -> None:
        assert self._options.interval is not None
        self.stop()
        self._tick = last + self._options.interval
        self._timer = self._timers.at_elapsed(self._tick + self._delay(), self._on_interval)
        wait = self._tick - self._timers.elapsed_time()
        self._announce(wait, self._timers.wall_time() + wait)

    def _on_cron(self) -> None:
        assert self._times is not None
        tick, now = self._tick, self._timers.wall_time()
        missed = self._times.next(int(tick)) <= now
        self._plan_cron(now if missed else tick)
        self._fire(tick, self._timers.elapsed_time())

    def _on_interval(self) -> None:
        assert self._options.interval is not None
        now, tick = self._timers.elapsed_time(), self._tick
        tick += (now - tick) // self._options.interval * self._options.interval
        self._plan_interval(tick)
        self._fire(self._timers.wall_time() - now + tick, tick)

    def _clock_set(self) -> None:
        """Plans anew if the clock was set back far: else the next tick would be far away."""
        now = self._timers.wall_time()
        if self._timer is not None and self._is_set_back(now, self._before):
            self._plan_cron(now)

    def _is_set_back(self, now: float, before: float) -> bool:
        """Whether the clock is too far before the last tick to wait for the one after it.

        A job of every hour waits for one period at most: each minute stays each minute.
        """
        assert self._times is not None
        longest = SET_BACK
        if self._times.every_hour:
            longest = min(longest, self._times.next(int(before)) - before)
        return now < before - longest

    def _delay(self) -> float:
        return random.uniform(0, self._options.jitter) if self._options.jitter else 0.0

    def _announce(self, wait: float, wall: float) -> None:
        at = f"{self._options.zone.text(wall)}.{int(wall * 1000) % 1000:03}"
        self._report(f"next time will execute after {max(0, wait) * 1000:.0f}ms at {at}")
