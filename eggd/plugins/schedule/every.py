"""The ticks of a job on the wall clock, as hosts agree on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Times(Protocol):
    """The times of a job: of a cron expression, or of an interval."""

    def next(self, t: int) -> int:
        """Returns the first Unix time after `t` at which the job is due."""
        ...

    @property
    def every_hour(self) -> bool:
        """Whether the job is due at the same minutes of each hour, or by an interval."""
        ...


@dataclass(frozen=True, slots=True)
class Every:
    """The multiples of an interval of whole seconds since 1970."""

    interval: int
    """Seconds."""

    def next(self, t: int) -> int:
        """Returns the first multiple after `t`."""
        return (t // self.interval + 1) * self.interval

    @property
    def every_hour(self) -> bool:
        """True: no hour of the day is special."""
        return True


def latest(times: Times, now: int) -> int | None:
    """Returns the last time at or before `now`; None without one since 1970.

    Takes about 60 calls of `next`, however many ticks there were.
    """
    span = 1
    while times.next(now - span) > now:
        span *= 2
        if span > now:
            return None
    low, high = now - span, now  # the last tick is next(low), or after it
    while high - low > 1:
        middle = (low + high) // 2
        if times.next(middle) <= now:
            low = middle
        else:
            high = middle
    return times.next(low)
