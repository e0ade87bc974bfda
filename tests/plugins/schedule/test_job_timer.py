"""The ticks of a job on a virtual clock."""

from __future__ import annotations

import random

import pytest

from eggd.app.timers import ELAPSED, WALL, Timers
from eggd.plugins.schedule.job_timer import JobTimer
from eggd.plugins.schedule.options import read_options
from eggd.plugins.schedule.record import Mark
from tests.plugins.schedule.calendars import JOBS, ZONES, calendar_of, minutes_of_year, unix

NOON = unix("2026-05-01 12:00")


class VirtualTime:
    """One job and its timers; the clocks stand still until a test moves them."""

    def __init__(self, now: float, **schedule: object) -> None:
        self.now, self.up = now, 100.0
        self.fired: list[float] = []
        self.lines: list[str] = []
        self.timers = Timers(lambda clock: self.now if clock == WALL else self.up)
        options = read_options({"type": "worker", **schedule})
        self.job = JobTimer(options, self.timers, self._fire, self.lines.append)

    def _fire(self, wall: float, elapsed: float) -> None:
        self.fired.append(wall)

    def start(self, mark: Mark | None = None, *, is_same_boot: bool = True) -> VirtualTime:
        self.job.start(mark, is_same_boot=is_same_boot)
        return self

    def advance(self, seconds: float) -> None:
        """Lets time go by, on both clocks."""
        self.now, self.up = self.now + seconds, self.up + seconds
        self.timers.run_due()

    def run_until(self, end: float) -> None:
        """Wakes at each time that is due, as the kernel does."""
        while (due := self._next()) is not None and self.now + due <= end:
            self.advance(max(due, 0.0))
        self.advance(end - self.now)

    def set_clock(self, now: float) -> None:
        """Sets the wall clock alone."""
        self.now = now
        self.timers.clock_was_set()
        self.timers.run_due()

    def _next(self) -> float | None:
        wall, up = self.timers.next_due(WALL), self.timers.next_due(ELAPSED)
        waits = [] if wall is None else [wall - self.now]
        waits += [] if up is None else [up - self.up]
        return min(waits, default=None)


@pytest.mark.parametrize("zone", ZONES)
def test_a_virtual_year_fires_as_the_calendar_has_it(zone: str) -> None:
    """Through both changes of the clock each cron fires exactly at the oracle's times."""
    minutes = minutes_of_year(2026, zone)
    begin, end = minutes[0][0], minutes[-1][0]
    for expression, hours, minute, days in JOBS:
        time = VirtualTime(begin - 1, cron=expression, cron_options={"tz": zone}).start()
        time.run_until(end)
        assert time.fired == sorted(calendar_of(minutes, hours, minute, days)), expression


def test_ten_minutes_of_five_seconds_under_a_slewed_clock() -> None:
    """A wake-up that is early sleeps again; each time in the log is on .000 (known:KO-11)."""
    time = VirtualTime(NOON + 0.25, cron="*/5 * * * * *", cron_options={"tz": "UTC"}).start()
    chance = random.Random(1)
    while time.now < NOON + 600:
        time.advance(chance.uniform(0.1, 4.9))
    assert time.fired == [NOON + 5 * n for n in range(1, 121)]
    assert all(line.endswith(".000") for line in time.lines)


def test_ticks_missed_without_an_agent_run_once_late() -> None:
    """The late run has the first missed tick; the next one is on time (process:SCH-24)."""
    mark = Mark("", wall=NOON - 3600)
    time = VirtualTime(NOON + 30, cron="*/10 * * * *", cron_options={"tz": "UTC"}).start(mark)
    time.run_until(NOON + 1200)
    assert time.fired == [NOON - 3000, NOON + 600, NOON + 1200]


def test_a_restarted_agent_does_not_repeat_what_ran_late() -> None:
    """The mark of the late run is that of the last tick that was missed (process:SCH-24)."""
    hourly = {"cron": "0 * * * *", "cron_options": {"tz": "UTC"}}
    time = VirtualTime(NOON + 30, **hourly).start(Mark("", wall=NOON - 9000))
    time.advance(1)
    assert time.fired == [NOON - 7200]
    mark = Mark("", wall=time.job.done_until(time.fired[0]))
    again = VirtualTime(NOON + 60, **hourly).start(mark)
    again.run_until(NOON + 3700)
    assert again.fired == [NOON + 3600]


def test_a_mark_of_the_future_does_not_switch_a_job_off() -> None:
    """The clock was wrong when it was written."""
    mark = Mark("", wall=NOON + 400 * 86_400)
    time = VirtualTime(NOON, cron="*/10 * * * *", cron_options={"tz": "UTC"}).start(mark)
    time.run_until(NOON + 600)
    assert time.fired == [NOON + 600]


def test_without_a_mark_nothing_was_missed() -> None:
    time = VirtualTime(NOON + 30, cron="0 12 * * *", cron_options={"tz": "UTC"}).start()
    time.run_until(NOON + 86_400)
    assert time.fired == [NOON + 86_400]


def test_an_interval_keeps_its_phase_across_agents() -> None:
    mark = Mark("", wall=NOON - 25, elapsed=75.0)
    time = VirtualTime(NOON, interval=10).start(mark)
    time.run_until(NOON + 15)
    assert time.fired == [NOON - 5, NOON + 5, NOON + 15]


def test_an_interval_after_a_reboot_counts_by_the_wall_clock() -> None:
    mark = Mark("", wall=NOON - 4, elapsed=5_000_000.0)
    time = VirtualTime(NOON, interval=10).start(mark, is_same_boot=False)
    time.run_until(NOON + 16)
    assert time.fired == [NOON + 6, NOON + 16]


def test_an_interval_ignores_the_wall_clock() -> None:
    time = VirtualTime(NOON, interval=10).start()
    time.advance(9)
    time.set_clock(NOON + 1_000_000)
    time.set_clock(NOON - 1_000_000)
    assert time.fired == []
    time.advance(1)
    assert len(time.fired) == 1


def test_a_blocked_loop_runs_missed_ticks_once() -> None:
    time = VirtualTime(NOON, interval="5s").start()
    time.advance(27)
    time.advance(2.9)
    assert len(time.fired) == 1
    time.advance(0.1)
    assert len(time.fired) == 2


@pytest.mark.parametrize(
    ("jump", "then", "fired"),
    [
        (7200, 1800, [0, 3600, 9000 + 1800]),  # forward: one late run, then the calendar
        (-1800, 5400, [0, 3600]),  # back by half an hour: not repeated
        (-86_400, 3600, [0, 1800 - 86_400]),  # back by a day: the times of the new date
    ],
)
def test_a_clock_that_is_set(jump: int, then: int, fired: list[int]) -> None:
    """Forward runs the missed tick once; back never repeats a tick, and never waits for years."""
    time = VirtualTime(NOON - 1, cron="0 * * * *", cron_options={"tz": "UTC"}).start()
    time.run_until(NOON + 1800)
    time.set_clock(NOON + 1800 + jump)
    time.run_until(time.now + then)
    expected = [NOON + each for each in fired]
    if jump == -86_400:
        expected = [NOON, NOON - 86_400 + 3600]
    assert time.fired == expected


@pytest.mark.parametrize(
    ("cron", "back", "fired"),
    [
        ("* * * * *", 7200, [0, 60 - 7200, 120 - 7200]),  # each minute stays each minute
        ("* * * * *", 50, [0, 60]),  # less than the period: not repeated
        ("0 */1 * * *", 7200, [0]),  # the next hour of the new time is still ahead
        ("0 9-12 * * *", 7200, [0]),  # at certain hours: 11:00 is not repeated
    ],
)
def test_a_job_of_every_hour_follows_a_clock_that_is_set_back(
    cron: str, back: int, fired: list[int]
) -> None:
    """Others do not repeat a tick within three hours; also if the agent restarts, as cron(8)."""
    options = {"cron": cron, "cron_options": {"tz": "UTC"}}
    time = VirtualTime(NOON - 1, **options).start()
    time.run_until(NOON + 10)
    time.set_clock(NOON + 10 - back)
    time.run_until(time.now + 130)
    assert time.fired == [NOON + each for each in fired]
    again = VirtualTime(NOON + 10 - back, **options).start(Mark("", wall=NOON))
    again.run_until(again.now + 130)
    assert again.fired == time.fired[1:]


def test_cron_ends_with_its_last_date_and_begins_with_its_first() -> None:
    """The limits of `cron_options`, and the line of the last one (process:SCH-7)."""
    limits = {"tz": "UTC", "start_date": "2026-05-01T13:00", "end_date": "2026-05-01T14:00"}
    time = VirtualTime(NOON, cron="0 * * * *", cron_options=limits).start()
    time.run_until(NOON + 86_400)
    assert time.fired == [NOON + 3600, NOON + 7200]
    assert time.lines[-1] == "reach end_date, will stop"


def test_an_interval_wins_over_cron() -> None:
    """Both set: the interval counts (process:SCH-22)."""
    time = VirtualTime(NOON, interval=60, cron="0 0 1 1 *").start()
    time.run_until(NOON + 120)
    assert time.fired == [NOON + 60, NOON + 120]


def test_a_monthly_job_waits_longer_than_24_days() -> None:
    """A delay above 2^31 ms (process:SCH-8)."""
    time = VirtualTime(NOON, cron="@monthly", cron_options={"tz": "UTC"}).start()
    time.run_until(unix("2026-06-01 00:00"))
    assert time.fired == [unix("2026-06-01 00:00")]


def test_jitter_delays_a_tick_but_not_the_next_one() -> None:
    time = VirtualTime(NOON, interval=10, jitter=4).start()
    before = 0.0
    for n in range(1, 50):
        while len(time.fired) < n:
            time.advance(0.25)
        assert 10 * n <= time.now - NOON <= 10 * n + 4.5
        before = max(before, time.now - NOON - 10 * n)
    assert before > 1


def test_a_stopped_timer_fires_no_more() -> None:
    time = VirtualTime(NOON, interval=10).start()
    time.job.stop()
    time.advance(100)
    assert time.fired == []
