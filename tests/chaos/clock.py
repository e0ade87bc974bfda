"""The row of a clock that is set: schedules and log rotation of the agent.

CLOCK_REALTIME is the machine's. The agent's dates come from one function, `agent.timers.clock`,
which the test app replaces where SHIFTED_CLOCK is set (apps/suite/shifted_clock.py).
"""

from __future__ import annotations

import datetime
import time

from tests.chaos.numbered import LOG, numbered
from tests.chaos.trial import Trial
from tests.host.host import Host
from tests.polling import await_that

JOB = """
import sys

schedule = {{"type": "worker", {times}}}


def task(ctx):
    print("ran {name}", file=sys.stderr, flush=True)
"""
JOBS = {"each-second": '"cron": "* * * * * *"', "nightly": '"cron": "0 30 0 * * *"'}
AHEAD = datetime.timedelta(hours=2)


def shifted_clock(host: Host) -> None:
    """Gives the agent of a host a clock that the row may set, and the app two jobs."""
    host.write(
        "/etc/systemd/system/egg-agent.service.d/clock.conf",
        "[Service]\nEnvironment=SHIFTED_CLOCK=1\n",
    )
    for name, times in JOBS.items():
        file = f"/srv/app/app/schedule/{name.replace('-', '_')}.py"
        host.write(file, JOB.format(name=name, times=times))


def sets(trial: Trial) -> None:
    """Sets the clock to 23:00 of a day, 2 h forward past midnight, back, and forward again."""
    host = trial.host
    with trial.load(), numbered(trial):
        evening, start = _evening(), host.now()
        _set(trial, evening)
        _await_runs(host, "nightly", 1, start)  # the run that was missed by the jump to this day
        begin = host.now()
        _set(trial, evening + AHEAD)
        _await_runs(host, "nightly", 1, begin)
        rotated = f"{LOG}.{evening.date()}"
        await_that(lambda: rotated in _rotated(host), f"{rotated} after midnight")
        for moment in (evening, evening + AHEAD):
            _set(trial, moment)
            trial.quiet(trial.seconds / 4)
        _set(trial, None)
    nights = _runs(host, "nightly", begin)
    trial.require(nights == 1, f"the job of 00:30 ran {nights} times in one night")
    files = [f"{LOG}.{evening.date() - datetime.timedelta(days=1)}", rotated]
    trial.require(_rotated(host) == files, f"rotated: {_rotated(host)}, not {files}")
    trial.require_none_failed()


def _rotated(host: Host) -> list[str]:
    return host.out(f"ls {LOG}.* 2>/dev/null || :").split()


def _evening() -> datetime.datetime:
    """Returns 23:00 of a day after those of earlier rows on this host."""
    today = datetime.datetime.now().replace(hour=23, minute=0, second=0, microsecond=0)
    return today + datetime.timedelta(days=2 + int(time.monotonic() // 60))


def _set(trial: Trial, moment: datetime.datetime | None) -> None:
    """Sets the clock, and waits until the job of each second has run three times by it."""
    place = trial.host.now()
    trial.host.http(f"/clock?to={moment.isoformat() if moment else ''}")
    trial.host.await_journal("egg-agent", "clock set", after=place)
    _await_runs(trial.host, "each-second", 3, trial.host.now())


def _await_runs(host: Host, name: str, count: int, after: int) -> None:
    host.await_journal("egg-worker@*", f"^ran {name}$", count=count, after=after)


def _runs(host: Host, name: str, after: int) -> int:
    records = host.records("egg-worker@*", after=after)
    return sum(record["MESSAGE"] == f"ran {name}" for record in records)
