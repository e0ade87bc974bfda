"""A calendar by zoneinfo alone: the oracle for cron expressions."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


def unix(text: str) -> int:
    """Returns the Unix time of a text in UTC."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def minutes_of_year(year: int, zone: str) -> list[tuple[int, dt.datetime]]:
    """Returns each minute of a year as Unix time and wall clock."""
    begin, end = unix(f"{year}-01-01"), unix(f"{year + 1}-01-01")
    info = ZoneInfo(zone)
    return [(t, dt.datetime.fromtimestamp(t, info)) for t in range(begin, end, 60)]


def calendar_of(
    minutes: list[tuple[int, dt.datetime]], hours: set[int], minute: int, days: set[int]
) -> set[int]:
    """Returns the times at which a job is due: reads the calendar, not the code.

    A wall time is due when the clock shows it first; with all 24 hours each time. One that is left
    out is due as long after the last minute before the gap as on the wall clock.
    """
    times: set[int] = set()
    seen: set[dt.datetime] = set()
    before: dt.datetime | None = None
    for t, wall in minutes:
        shown = wall.replace(tzinfo=None, fold=0)
        if before is not None:
            skipped = first = before + dt.timedelta(minutes=1)
            while skipped < shown:
                if skipped.hour in hours and skipped.minute == minute and skipped.weekday() in days:
                    times.add(t + int((skipped - first).total_seconds()))
                skipped += dt.timedelta(minutes=1)
        matches = shown.hour in hours and shown.minute == minute and shown.weekday() in days
        if matches and (len(hours) == 24 or shown not in seen):
            times.add(t)
        seen.add(shown)
        before = shown
    return times


ALL_DAYS = set(range(7))
JOBS = [
    ("30 2 * * *", {2}, 30, ALL_DAYS),
    ("15 * * * *", set(range(24)), 15, ALL_DAYS),
    ("45 1,3 * * *", {1, 3}, 45, ALL_DAYS),
    ("0 */6 * * 0", {0, 6, 12, 18}, 0, {6}),
]
"""Expressions, each with the hours, the minute and the weekdays (0 Monday) that it means."""

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
