"""Jobs of type `cluster` on three hosts whose clocks differ, which are killed and paused."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fleet.conftest import StartHosts
from tests.fleet.hosts import AGENT, Host
from tests.fleet.resource import JOB, Resource
from tests.polling import await_that

SHIFTS = (0.0, 2.5, -2.5)
DISTURBANCES = ("agent", "worker", "host", "pause")


def disturb(host: Host, kind: str, takeover: int, chance: random.Random) -> None:
    """Kills a part of a host or all of it, or pauses it for longer than a claim lasts."""
    if kind == "agent":
        host.suite.kill(AGENT)
    elif kind == "worker":
        host.suite.kill(f"worker-{chance.randint(1, 2)}")
    elif kind == "host":
        host.kill()
    else:
        host.stop_time()
        end = time.monotonic() + takeover + 1
        await_that(lambda: time.monotonic() > end, "end of the pause")
        host.go_on()
    host.start()


@pytest.mark.parametrize(
    ("jobs", "ticks", "takeover"),
    [
        pytest.param(6, 60, 1, marks=pytest.mark.timeout(300)),
        pytest.param(20, 10_000, 5, marks=[pytest.mark.soak, pytest.mark.timeout(1800)]),
    ],
)
def test_each_tick_runs_once_whatever_ends(
    jobs: int,
    ticks: int,
    takeover: int,
    start_hosts: StartHosts,
    tmp_path: Path,
    figure: Callable[[str], None],
) -> None:
    """No tick of `most_once` runs twice, each claimed tick of `least_once` has one effect.

    The hosts' clocks differ by 5 s, and are paused longer than a claim (known:KO-17, KO-19).
    """
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    resource = Resource(tmp_path)
    names = {f"{at}{n}": at for n in range(jobs) for at in ("most_once", "least_once")}
    files = {
        f"app/schedule/{name}.py": JOB.format(at=at, name=name, takeover=takeover)
        for name, at in names.items()
    }
    hosts = start_hosts(files, SHIFTS, workers=2)
    done = "SELECT count(*) FROM effect WHERE count > 0"
    disturbed = 0
    while resource.count(done) < ticks:
        disturb(chance.choice(hosts), chance.choice(DISTURBANCES), takeover, chance)
        disturbed += 1
        some = resource.count(done) + 3 * jobs
        await_that(lambda n=some: resource.count(done) >= n, "further ticks")  # type: ignore[misc]
    for host in hosts:
        host.suite.stop(AGENT)
        host.suite.spawn(AGENT).wait_ready(60)
    newest = int(time.time() + max(SHIFTS))
    await_that(lambda: not unfinished(resource, hosts, newest), "effects of all claimed ticks")
    check(resource)
    runs = resource.count("SELECT count(*) FROM start")
    lost = given_up(hosts)
    assert len(lost) == len(set(lost)), "one line for each tick that was given up"
    figure(
        f"{resource.count(done)} ticks with {disturbed} disturbances, {runs} runs,"
        f" {len(lost)} ticks given up"
    )


def logged(hosts: list[Host], pattern: str) -> list[tuple[str, int]]:
    """Returns job and tick of the lines of schedules in which a pattern follows them."""
    line = rf"(\w+)\.py (\d+) {pattern}"
    return [(each[1], int(each[2])) for host in hosts for each in re.finditer(line, host.log)]


def given_up(hosts: list[Host]) -> list[tuple[str, int]]:
    """Returns the ticks that were claimed 5 times in vain: each is an error in one log."""
    return logged(hosts, "execute failed: 5 workers or hosts have ended or hung")


def unfinished(resource: Resource, hosts: list[Host], newest: int) -> set[tuple[str, int]]:
    """Returns the claimed ticks of `least_once` without an effect that were not given up."""
    claimed = logged(hosts, "is (?:claimed|taken over)")
    due = {(job, tick) for job, tick in claimed if job.startswith("least") and tick <= newest}
    rows = resource.rows("SELECT job, tick FROM effect WHERE count = 1")
    return due - {(str(job), int(str(tick))) for job, tick in rows} - {*given_up(hosts)}


def check(resource: Resource) -> None:
    """Checks the promise of both kinds."""
    twice = "SELECT job, tick, count(*) FROM start GROUP BY job, tick HAVING count(*) > 1"
    again = resource.rows(twice)
    assert [row for row in again if str(row[0]).startswith("most")] == []
    assert resource.rows("SELECT * FROM effect WHERE count > 1") == []
    assert resource.rows("SELECT job, token FROM start GROUP BY 1, 2 HAVING count(*) > 1") == []
