from __future__ import annotations

import asyncio
import datetime as dt
import os
import time
from collections.abc import Callable, Iterator

import pytest
import uvloop

from eggd import Timers
from eggd.plugins.logrotator.calendar_timer import CalendarTimer, Daily, Hourly

AT = dt.time(0, 0, 1)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-21 00:00:00.999", "2026-11-20 00:00:01"),
        ("2026-11-21 00:00:01", "2026-11-21 00:00:01"),
        ("2026-11-21 23:59:59", "2026-11-21 00:00:01"),
        ("2026-03-01 00:00:00", "2026-02-28 00:00:01"),
    ],
)
def test_the_latest_tick(now: str, expected: str) -> None:
    last = Daily(AT).latest(dt.datetime.fromisoformat(now).timestamp())
    assert dt.datetime.fromtimestamp(last) == dt.datetime.fromisoformat(expected)


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the zone of this process."""

    def set_zone(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_zone
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("name", "begin", "hours"),
    [
        # Summer time begins, ends; a zone whose offset is 5:30.
        ("Europe/Berlin", "2026-03-29T00:30+01:00", ["00", "01", "03", "04"]),
        ("Europe/Berlin", "2026-10-25T00:30+02:00", ["00", "01", "02", "02", "03"]),
        ("Asia/Kolkata", "2026-11-29T10:00+05:30", ["09", "10", "11"]),
    ],
)
def test_each_hour_has_one_tick(
    zone: Callable[[str], None], name: str, begin: str, hours: list[str]
) -> None:
    """Ticks are at minute 1 of the local hour, 60 minutes apart."""
    zone(name)
    hourly, tick = Hourly(60), dt.datetime.fromisoformat(begin).timestamp()
    tick = hourly.latest(tick)
    seen = []
    for _ in hours:
        moment = dt.datetime.fromtimestamp(tick)
        assert (moment.minute, moment.second) == (1, 0)
        seen.append(f"{moment:%H}")
        assert {hourly.latest(tick), hourly.latest(tick + 1)} == {tick}
        assert hourly.latest(tick - 1) < tick
        tick = hourly.following(tick)
    assert seen == hours


@pytest.mark.parametrize("begin", ["2026-03-27T12:00", "2026-10-23T12:00"])
def test_each_date_has_one_tick(zone: Callable[[str], None], begin: str) -> None:
    """The time of day is fixed (process:ROT-17)."""
    zone("Europe/Berlin")
    daily, dates = Daily(AT), []
    tick = daily.latest(dt.datetime.fromisoformat(begin).timestamp())
    for _ in range(5):
        moment = dt.datetime.fromtimestamp(tick)
        assert moment.time() == AT
        dates.append(moment.day)
        tick = daily.following(tick)
    assert dates == list(range(dates[0], dates[0] + 5))


def test_it_calls_at_the_time_of_day_with_the_scheduled_date() -> None:
    async def main() -> None:
        soon = dt.datetime.now().replace(microsecond=0) + dt.timedelta(seconds=2)
        due: asyncio.Future[dt.datetime] = asyncio.get_running_loop().create_future()
        daily = CalendarTimer(Daily(soon.time()), due.set_result, Timers())
        daily.start()
        try:
            assert await asyncio.wait_for(due, 60) == soon
        finally:
            daily.stop()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def test_stop_closes_the_descriptor() -> None:
    async def main() -> list[str]:
        timers = Timers()
        daily = CalendarTimer(Daily(AT), print, timers)
        before = os.listdir("/proc/self/fd")
        daily.start()
        daily.stop()
        daily.stop()
        timers.close()
        timers.close()
        return sorted(set(os.listdir("/proc/self/fd")) ^ set(before))

    assert asyncio.run(main()) == []


def test_a_wake_up_before_the_time_makes_no_call() -> None:
    async def main() -> None:
        daily = CalendarTimer(Daily(AT), due.append, Timers())
        daily.start()
        daily._on_wake()
        daily.stop()

    due: list[dt.datetime] = []
    asyncio.run(main())
    assert due == []
