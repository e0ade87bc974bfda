"""Schedules under the units: the sandbox has what the agent needs to run jobs."""

from __future__ import annotations

import re

import pytest

from tests.host.conftest import Boot
from tests.host.host import Host

pytestmark = pytest.mark.one_suite("trixie")

JOB = """
import sys

schedule = {{"type": "{kind}", {times}}}


def task(ctx):
    print("ran {kind}", file=sys.stderr, flush=True)
"""
TIMES = {"all": '"interval": "1s"', "worker": '"cron": "* * * * * *"'}


def write_jobs(host: Host) -> None:
    """Writes a job by interval in all workers, and one by cron in one of them."""
    for kind, times in TIMES.items():
        host.write(f"/srv/app/app/schedule/{kind}.py", JOB.format(kind=kind, times=times))


def test_jobs_run_in_their_workers(boot: Boot) -> None:
    """Interval and cron, in one worker and in all, also after the agent's death (SCH-20)."""
    host = boot("suite", workers=2, prepare=write_jobs)
    host.await_journal("egg-worker@1", "^ran all$", count=2)
    host.await_journal("egg-worker@2", "^ran all$", count=2)
    host.await_journal("egg-worker@*", "^ran worker$", count=2)
    place = host.now()
    host.run("systemctl kill -s KILL egg-agent")
    host.await_journal("egg-agent", "is ready", after=place)
    for kind in TIMES:
        host.await_journal("egg-worker@*", f"^ran {kind}$", count=3, after=host.now())
    log = (host.root / "var/log/eggd/egg-schedule.log").read_text()
    begun = re.findall(r"\[Job#(\d+)\] \S+worker.py executing", log)
    assert len(begun) == len(set(begun))
    assert "ERROR" not in log
    record = host.out("stat -c '%U %a' /var/lib/eggd/schedule.json")
    assert record.startswith("eggd ")
    assert host.status()["agent"]["errors"] == 0
