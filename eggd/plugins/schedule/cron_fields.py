"""A cron expression as the values that match: 5 fields, or 6 with the seconds in front.

    second minute hour day-of-month month day-of-week     0 30 2 * * mon-fri

As Egg's cron-parser: `*`, `?` in the fields of days, lists, ranges, steps (`2/2` is 2, 4, 6),
names, `L` (last day of the month, `5L` the last Friday), `4#2` (the second Thursday), `@daily`. If
both fields of days are restricted, a day matches that fits one of them; a field that lists every
value is not restricted. In crontab(5) only a leading `*` counts as that.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from eggd import EggError, suggestion_or_list

MACROS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
    "@minutely": "0 * * * * *",
    "@secondly": "* * * * * *",
    "@weekdays": "0 0 0 * * 1-5",
    "@weekends": "0 0 0 * * 0,6",
}
"""Names for whole expressions."""

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DAYS = "sun mon tue wed thu fri sat".split()
_EPOCH = dt.datetime(1970, 1, 1)
_LAST_YEAR = 9990
_MONTHS_SEARCHED = 12 * 50
"""29 February that is a fifth Friday comes after 40 years at most."""

_RANGE = re.compile(r"(\*|\?|\w+)(?:-(\w+))?(?:/(\d+))?", re.ASCII)
_NTH = re.compile(r"(\w+)(?:#([1-5])|(l))", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One field of an expression."""

    name: str
    low: int
    high: int
    names: Sequence[str] = ()


_KINDS = (
    _Kind("second", 0, 59),
    _Kind("minute", 0, 59),
    _Kind("hour", 0, 23),
    _Kind("day of month", 1, 31),
    _Kind("month", 1, 12, _MONTHS),
    _Kind("day of week", 0, 7, _DAYS),
)


@dataclass(frozen=True)
class CronFields:
    """The sorted values of each field that match."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    """Days of the month; 0 is the last one."""
    months: tuple[int, ...]
    weekdays: frozenset[tuple[int, int]]
    """Pairs (day, n): day 0 is Sunday, n counts in the month; 0 is each one, -1 the last one."""

    @property
    def every_hour(self) -> bool:
        """Whether each hour matches."""
        return len(self.hours) == 24

    def next(self, wall: int) -> int:
        """Returns the first matching second after `wall`, both on a wall clock since 1970."""
        now = _EPOCH + dt.timedelta(seconds=wall + 1)
        time = self._time_from(now.hour, now.minute, now.second)
        for year, month in _months(now.year, now.month):
            if month not in self.months:
                continue
            for day in _matching(self, year, month):
                date = (year, month, day)
                if date > (now.year, now.month, now.day):
                    return _seconds(*date, self.hours[0], self.minutes[0], self.seconds[0])
                if date == (now.year, now.month, now.day) and time is not None:
                    return _seconds(*date, *time)
        raise EggError("can never fire")

    def check(self) -> None:
        """Raises EggError if no day matches."""
        self.next(0)

    def matching_days(self, year: int, month: int) -> list[int]:
        """Returns the days of a month that match."""
        count = calendar.monthrange(year, month)[1]
        by_date = {day or count for day in self.days if day <= count}
        by_weekday = {
            day for day in range(1, count + 1) if self._is_weekday(year, month, day, count)
        }
        if len(self.days - {0}) == 31:
            return sorted(by_weekday)
        if {(day, 0) for day in range(7)} <= self.weekdays:
            return sorted(by_date)
        return sorted(by_date | by_weekday)

    def _is_weekday(self, year: int, month: int, day: int, count: int) -> bool:
        weekday = (calendar.weekday(year, month, day) + 1) % 7
        nth = ((weekday, 0), (weekday, (day + 6) // 7))
        return any(each in self.weekdays for each in nth) or (
            day + 7 > count and (weekday, -1) in self.weekdays
        )

    def _time_from(self, hour: int, minute: int, second: int) -> tuple[int, int, int] | None:
        """Returns the first matching time of a day from this one on, or None."""
        if hour in self.hours:
            if minute in self.minutes and (at := _from(self.seconds, second)) is not None:
                return hour, minute, at
            if (next_minute := _from(self.minutes, minute + 1)) is not None:
                return hour, next_minute, self.seconds[0]
        next_hour = _from(self.hours, hour + 1)
        return None if next_hour is None else (next_hour, self.minutes[0], self.seconds[0])


@lru_cache(maxsize=512)
def _matching(fields: CronFields, year: int, month: int) -> list[int]:
    return fields.matching_days(year, month)


def parse(text: str) -> CronFields:
    """Returns the values of an expression. Raises EggError with the field that is wrong."""
    words = _words(text)
    plain: list[set[int]] = []
    weekdays: set[tuple[int, int]] = set()
    for kind, word in zip(_KINDS, words, strict=True):
        values: set[int] = set()
        for part in word.split(","):
            if kind.low == 1 and kind.high == 31 and part == "l":
                values.add(0)
            elif kind.names is _DAYS and (match := _NTH.fullmatch(part)):
                weekdays.add((_number(kind, match[1], part) % 7, int(match[2] or -1)))
            else:
                values.update(_range(kind, part))
        plain.append(values)
    weekdays |= {(day % 7, 0) for day in plain.pop()}
    seconds, minutes, hours, days, months = plain
    fields = CronFields(
        tuple(sorted(seconds)),
        tuple(sorted(minutes)),
        tuple(sorted(hours)),
        frozenset(days),
        tuple(sorted(months)),
        frozenset(weekdays),
    )
    fields.check()
    return fields


def _words(text: str) -> list[str]:
    """Returns the six fields of an expression, in small letters."""
    words = text.lower().split()
    if len(words) == 1 and words[0].startswith("@"):
        if words[0] not in MACROS:
            raise EggError(f"unknown name {words[0]!r}", hint=suggestion_or_list(words[0], MACROS))
        words = MACROS[words[0]].split()
    if len(words) not in (5, 6):
        raise EggError(
            f"has {len(words)} field{'s' * (len(words) != 1)}",
            hint="5 fields, minute hour day month weekday, or 6 with the second in front",
        )
    return words if len(words) == 6 else ["0", *words]


def _range(kind: _Kind, part: str) -> range:
    match = _RANGE.fullmatch(part)
    if match is None:
        raise EggError(f"{kind.name} {part!r} is not a value, range or step")
    first, last, step = match.groups()
    if step == "0" * len(step or "x"):
        raise EggError(f"{kind.name} {part!r}: a step must be at least 1")
    high = 6 if kind.names is _DAYS else kind.high
    if first in ("*", "?"):
        if last or (first == "?" and not kind.name.startswith("day")):
            raise EggError(f"{kind.name} {part!r} is not a value, range or step")
        return range(kind.low, high + 1, int(step or 1))
    low = _number(kind, first, part)
    if last is None:
        return range(low, (high if step else low) + 1, int(step or 1))
    end = _number(kind, last, part)
    if end < low:
        raise EggError(f"{kind.name} {part!r} is reversed", hint="write it as a list of two ranges")
    return range(low, end + 1, int(step or 1))


def _number(kind: _Kind, text: str, part: str) -> int:
    if text in kind.names:
        return kind.names.index(text) + kind.low
    if text.isdecimal() and len(text) <= 2 and kind.low <= int(text) <= kind.high:
        return int(text)
    names = f" or {kind.names[0]} to {kind.names[-1]}" if kind.names else ""
    where = "" if text == part else f" in {part!r}"
    raise EggError(f"{kind.name} {text!r}{where} is not {kind.low} to {kind.high}{names}")


def _from(values: Sequence[int], value: int) -> int | None:
    """Returns the first of sorted values that is not below `value`."""
    index = bisect_left(values, value)
    return values[index] if index < len(values) else None


def _months(year: int, month: int) -> Iterator[tuple[int, int]]:
    """Yields the months to search, from this one on."""
    for number in range(_MONTHS_SEARCHED):
        later, index = divmod(month - 1 + number, 12)
        if year + later <= _LAST_YEAR:
            yield year + later, index + 1


def _seconds(*moment: int) -> int:
    """Returns a date and time as seconds since 1970."""
    return calendar.timegm((*moment, 0, 0, 0))
