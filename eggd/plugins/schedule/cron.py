"""The times at which a cron expression is due, in its time zone.

Every rule of daylight saving time is here (known:KO-2, KO-3, KO-5, KO-6):

- A wall time that the clock leaves out is due by the offset before the change: 02:30 of a night
  that jumps from 02:00 to 03:00 is 03:30.
- A wall time that the clock repeats is due the first time; if every hour matches, both times.

The library croniter does not compute these: in the versions of Debian 12 and 13 it is an hour early
on the day of a change, loses a run in the repeated hour, and leaves Sunday out of `5-7`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eggd.plugins.schedule.cron_fields import CronFields
from eggd.plugins.schedule.zone import DAY, Change, Zone

_WINDOW = 2 * DAY
"""Seconds that are searched at once; no change of an offset is larger than half of it."""


@dataclass(frozen=True)
class Cron:
    """One expression in one time zone."""

    fields: CronFields
    """The values that match."""
    zone: Zone
    """The zone of its wall clock."""

    @property
    def every_hour(self) -> bool:
        """Whether each hour of the day matches."""
        return self.fields.every_hour

    def next(self, t: int) -> int:
        """Returns the first Unix time after `t` at which the expression is due."""
        begin = t
        while True:
            end = begin + _WINDOW
            changes = self.zone.changes(begin - DAY, end)
            due = [*self._shifted(changes, t), *self._plain(changes, begin, end)]
            if due and min(due) <= end:
                return min(due)
            offset = self.zone.offset(end)
            begin = max(end, self.fields.next(end + offset - DAY) - offset - _WINDOW)

    def _plain(self, changes: list[Change], begin: int, end: int) -> Iterator[int]:
        """Yields the first time after `begin` in each stretch of one offset."""
        first = self.zone.offset(begin - DAY)
        stretches = [(begin - DAY, first, 0), *((c.at, c.after, self._seen(c)) for c in changes)]
        ends = [*(c.at for c in changes), end + 1]
        for (start, offset, seen), stop in zip(stretches, ends, strict=True):
            wall = self.fields.next(max(max(start - 1, begin) + offset, seen))
            if wall - offset < stop:
                yield wall - offset

    def _shifted(self, changes: list[Change], t: int) -> Iterator[int]:
        """Yields the first time after `t` whose wall time a change leaves out."""
        for change in changes:
            wall = self.fields.next(max(change.at - 1, t) + change.before)
            if wall < change.at + change.after:
                yield wall - change.before

    def _seen(self, change: Change) -> int:
        """Returns the last second of the wall clock that is not due again after a change."""
        return 0 if self.fields.every_hour else change.at + change.before - 1
