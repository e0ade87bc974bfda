"""The offsets of one time zone: from Unix time to its wall clock and back, without `fold`.

Aware datetimes of one zone are compared and added by wall clock, so all arithmetic here is on
integers: seconds since 1970, of UTC (`t`) or of the wall clock (`w`).
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from eggd import EggError, suggestion_or_list

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DAY = 86_400
"""Seconds; no change of an offset is larger (Pacific/Apia left out 2011-12-30)."""

_EPOCH = dt.datetime(1970, 1, 1)
_LAST = 253_370_764_800
"""Unix time at the begin of the year 9999, the last that datetime has."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the offset."""

    at: int
    """Unix time of the first second with the new offset."""
    before: int
    """Seconds east of UTC."""
    after: int
    """Seconds east of UTC."""


@dataclass(frozen=True)
class Zone:
    """A time zone of the database; without a name the one of this machine."""

    name: str = ""
    """As in the database, such as `Europe/Berlin`."""
    _info: ZoneInfo | None = field(init=False, default=None, compare=False)

    def __post_init__(self) -> None:
        if self.name:
            object.__setattr__(self, "_info", _zone_info(self.name))

    def offset(self, t: int) -> int:
        """Returns the seconds east of UTC at a Unix time."""
        if self._info is None:
            return time.localtime(t).tm_gmtoff
        offset = dt.datetime.fromtimestamp(min(t, _LAST), self._info).utcoffset()
        assert offset is not None
        return int(offset.total_seconds())

    def changes(self, begin: int, end: int) -> list[Change]:
        """Returns the changes of the offset from `begin` up to `end`, in order."""
        days = range(begin // DAY, end // DAY + 1)
        changes = (change for day in days for change in _changes(self, day))
        return [change for change in changes if begin <= change.at <= end]

    def text(self, t: float) -> str:
        """Returns a Unix time on the zone's wall clock: `2026-03-08 03:30:00`."""
        return str(_EPOCH + dt.timedelta(seconds=int(t) + self.offset(int(t))))


@lru_cache(maxsize=4096)
def _changes(zone: Zone, day: int) -> tuple[Change, ...]:
    """Returns the change of the offset in one day of UTC; no zone has two."""
    low, high = day * DAY, (day + 1) * DAY
    before, after = zone.offset(low - 1), zone.offset(high - 1)
    if before == after:
        return ()
    while high - low > 1:
        middle = (low + high) // 2
        if zone.offset(middle - 1) == before:
            low = middle
        else:
            high = middle
    return (Change(low, before, after),)


def _zone_info(name: str) -> ZoneInfo:
    """Returns a zone of the database. Raises EggError for an unknown one."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # for named zones: it takes 300 KiB

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        hint = suggestion_or_list(name, _names(), "install tzdata; known")
        if not hint.startswith("did"):
            hint = "a name as Europe/Berlin; older names are in the package tzdata-legacy"
        raise EggError(f"unknown time zone {name!r}", hint=hint) from exc


def _names() -> Iterator[str]:
    from zoneinfo import available_timezones

    yield from sorted(available_timezones())
