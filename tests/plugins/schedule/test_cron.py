"""The times of cron expressions."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import TZPATH, available_timezones

import pytest

from eggd import EggError
from eggd.plugins.schedule.cron import Cron
from eggd.plugins.schedule.cron_fields import CronFields, parse
from eggd.plugins.schedule.zone import Zone
from tests.plugins.schedule.calendars import unix

UTC = dt.UTC


def due(expression: str, zone: str, after: str, count: int) -> list[str]:
    """Returns the next times in UTC, without seconds."""
    cron, t, times = Cron(parse(expression), Zone(zone)), unix(after), []
    for _ in range(count):
        t = cron.next(t)
        times.append(dt.datetime.fromtimestamp(t, UTC).strftime("%Y-%m-%d %H:%M"))
    return times


TABLE = [
    # known:KO-2: a time that the clock leaves out
    (
        "0 30 2 * * *",
        "America/New_York",
        "2026-03-08 06:30",
        ["2026-03-08 07:30", "2026-03-09 06:30"],
    ),
    ("0 30 2 * * *", "Europe/Rome", "2025-03-29 02:30", ["2025-03-30 01:30", "2025-03-31 00:30"]),
    # known:KO-3: the repeated hour
    (
        "0 30 1 * * *",
        "America/New_York",
        "2026-10-31 06:30",
        ["2026-11-01 05:30", "2026-11-02 06:30"],
    ),
    (
        "0 30 * * * *",
        "Europe/Helsinki",
        "2017-10-28 23:31",
        ["2017-10-29 00:30", "2017-10-29 01:30", "2017-10-29 02:30"],
    ),
    # known:KO-5: days of 23 and 25 hours
    ("0 0 12 * * 0", "Europe/Berlin", "2022-03-24 11:00", ["2022-03-27 10:00"]),
    ("0 0 8 * * 0", "America/Chicago", "2026-03-08 05:45", ["2026-03-08 13:00"]),
    (
        "0 0 20 * * *",
        "Europe/Paris",
        "2022-10-29 22:00",
        ["2022-10-30 19:00", "2022-10-31 19:00", "2022-11-01 19:00"],
    ),
    ("* * * */3 *", "America/New_York", "2015-02-15 05:00", ["2015-04-01 04:00"]),
    ("0 0 12 * * *", "Pacific/Apia", "2011-12-29 22:00", ["2011-12-30 22:00", "2011-12-31 22:00"]),
    # known:KO-8: a rare date
    ("0 0 0 29 2 *", "UTC", "2097-01-01 00:00", ["2104-02-29 00:00"]),
    # known:KO-9: both fields of days
    (
        "0 0 9 1-31 * 1",
        "UTC",
        "2026-05-01 00:00",
        [f"2026-05-{day:02} 09:00" for day in (4, 11, 18, 25)],
    ),
    (
        "0 0 9 */2 * 1",
        "UTC",
        "2026-05-01 00:00",
        [f"2026-05-{day:02} 09:00" for day in (1, 3, 4, 5, 7)],
    ),
    # known:KO-10: steps and Sunday
    (
        "0 0 9 * * 2/2",
        "UTC",
        "2026-05-01 00:00",
        [f"2026-05-{day:02} 09:00" for day in (2, 5, 7, 9)],
    ),
    (
        "0 0 9 * * 5-7",
        "UTC",
        "2026-05-01 00:00",
        [f"2026-05-{day:02} 09:00" for day in (1, 2, 3, 8)],
    ),
    ("0 0 9 * * 0", "UTC", "2026-05-01 00:00", ["2026-05-03 09:00"]),
    ("0 0 9 * * 7", "UTC", "2026-05-01 00:00", ["2026-05-03 09:00"]),
    # process:SCH-7: forms
    ("@hourly", "UTC", "2026-05-01 00:00", ["2026-05-01 01:00"]),
    ("0 9 l * *", "UTC", "2026-02-01 00:00", ["2026-02-28 09:00", "2026-03-31 09:00"]),
    ("0 9 * * 5L", "UTC", "2026-05-01 00:00", ["2026-05-29 09:00", "2026-06-26 09:00"]),
    ("0 9 ? * thu#2", "UTC", "2026-05-01 00:00", ["2026-05-14 09:00", "2026-06-11 09:00"]),
    ("0 9 * * 5#5", "UTC", "2026-06-01 00:00", ["2026-07-31 09:00"]),
    ("5,10-12,50/5 8 1 JAN ?", "UTC", "2026-01-01 08:11", ["2026-01-01 08:12", "2026-01-01 08:50"]),
]


@pytest.mark.parametrize(("expression", "zone", "after", "expected"), TABLE)
def test_the_next_times(expression: str, zone: str, after: str, expected: list[str]) -> None:
    assert due(expression, zone, after, len(expected)) == expected


WRONG = [
    # known:KO-7: a field is missing
    ("", "has 0 fields"),
    (
        "* * * *",
        "has 4 fields (5 fields, minute hour day month weekday, or 6 with the second in front)",
    ),
    ("* * * * * * *", "has 7 fields"),
    # known:KO-8: a date that no year has
    ("0 0 0 30 2 *", "can never fire"),
    ("0 0 0 31 4,6 *", "can never fire"),
    # known:KO-10: reversed ranges
    ("0 0 22-2 * * *", "hour '22-2' is reversed"),
    ("0 0 9 * * sat-sun", "day of week 'sat-sun' is reversed"),
    ("60 * * * *", "minute '60' is not 0 to 59"),
    ("* * * jam *", "month 'jam' is not 1 to 12 or jan to dec"),
    ("*/0 * * * *", "minute '*/0': a step must be at least 1"),
    ("1-x * * * *", "minute 'x' in '1-x' is not 0 to 59"),
    ("? * * * *", "minute '?' is not a value, range or step"),
    ("a$b * * * *", "minute 'a$b' is not a value, range or step"),
    ("* * * * 1#6", "day of week '1#6' is not a value, range or step"),
    ("@dayly", "unknown name '@dayly' (did you mean '@daily'?)"),
]


@pytest.mark.parametrize(("expression", "text"), WRONG)
def test_a_wrong_expression_is_an_error_at_once(expression: str, text: str) -> None:
    """Also a date that no year has: 50 years are searched."""
    with pytest.raises(EggError) as caught:
        parse(expression)
    assert caught.value.line.startswith(text)


@pytest.mark.parametrize("name", ["Europe/Berln", "../etc/passwd", "nowhere"])
def test_an_unknown_zone_is_an_error_with_a_hint(name: str) -> None:
    """The error names the zone, and the package of old names (known:KO-13)."""
    with pytest.raises(EggError) as caught:
        Zone(name)
    hint = "did you mean 'Europe/Berlin'?" if "Berln" in name else "tzdata-legacy"
    assert f"unknown time zone {name!r}" in caught.value.line
    assert hint in caught.value.line


def distinct_zones() -> list[str]:
    """Returns one name of each zone: many names are links."""
    names = {}
    for name in sorted(available_timezones()):
        files = [Path(folder, name) for folder in TZPATH]
        names[next((file.read_bytes() for file in files if file.is_file()), name)] = name
    return list(names.values())


def test_every_zone_steps_forward_around_every_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """In no zone lies the next time in the past, or takes many steps (known:KO-6)."""
    crons = [parse("0 */10 * * * *"), parse("0 30 2 * * *")]
    step, steps, most = CronFields.next, 0, 0

    def counted(fields: CronFields, wall: int) -> int:
        nonlocal steps
        steps += 1
        return step(fields, wall)

    monkeypatch.setattr(CronFields, "next", counted)
    for name in distinct_zones():
        zone = Zone(name)
        for change in zone.changes(unix("2015-01-01"), unix("2031-01-01")):
            for cron in (Cron(fields, zone) for fields in crons):
                for t in range(change.at - 2 * 86_400, change.at + 2 * 86_400, 43_199):
                    steps = 0
                    assert t < cron.next(t) <= t + 2 * 86_400, (name, t)
                    most = max(most, steps)
    assert 0 < most <= 8
