from __future__ import annotations

import asyncio
import datetime as dt
import os

import pytest
import uvloop

from eggd import Timers
from eggd.plugins.logrotator.daily_timer import DailyTimer, latest

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
    assert latest(AT, dt.datetime.fromisoformat(now)) == dt.datetime.fromisoformat(expected)


def test_it_calls_at_the_time_of_day_with_the_scheduled_date() -> None:
    async def main() -> None:
        soon = dt.datetime.now().replace(microsecond=0) + dt.timedelta(seconds=2)
        due: asyncio.Future[dt.datetime] = asyncio.get_running_loop().create_future()
        daily = DailyTimer(soon.time(), due.set_result, Timers())
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
        daily = DailyTimer(AT, print, timers)
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
        daily = DailyTimer(AT, due.append, Timers())
        daily.start()
        daily._on_wake()
        daily.stop()

    due: list[dt.datetime] = []
    asyncio.run(main())
    assert due == []
