from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from eggd.systemd import Notifier, Watchdog
from eggd.systemd.watchdog import UNWATCHED_INTERVAL

Receive = Callable[[], bytes]


class Duty:
    """Counts ticks; the third one ends the wait."""

    def __init__(self) -> None:
        self.ticks = 0
        self.third = asyncio.Event()

    def __call__(self) -> None:
        self.ticks += 1
        if self.ticks == 3:
            self.third.set()
        raise RuntimeError("a duty may fail")


def test_signs_of_life_from_the_loop(environ: dict[str, str], receive: Receive) -> None:
    async def main() -> list[str]:
        reports: list[str] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, report: reports.append(report["message"]))
        duty = Duty()
        watchdog = Watchdog(notifier, 10_000, duty)
        watchdog.start()
        await asyncio.wait_for(duty.third.wait(), 5)
        watchdog.stop()
        return reports

    notifier = Notifier(environ)
    reports = asyncio.run(main())
    notifier.close()
    assert [receive() for _ in range(3)] == [b"WATCHDOG=1"] * 3
    assert reports == ["the tick of the watchdog failed"] * 3


@pytest.mark.parametrize(
    ("usec", "interval"), [(10_000_000, 5.0), (30_000_000, 15.0), (0, UNWATCHED_INTERVAL)]
)
def test_the_interval_is_half_of_what_is_given(usec: int, interval: float) -> None:
    assert Watchdog(Notifier({}), usec).interval == interval


def test_unwatched_duties_still_tick() -> None:
    ticks: list[int] = []

    async def main() -> None:
        watchdog = Watchdog(Notifier({}), 0, lambda: ticks.append(1))
        watchdog.start()
        watchdog.stop()

    asyncio.run(main())
    assert ticks == [1]
