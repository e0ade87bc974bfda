"""The server is restarted, or replaced by its sentinels, while jobs and messages run."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from eggd.testing.redis_server import RedisServer
from tests.fleet.conftest import StartHosts
from tests.fleet.hosts import CONFIG, Host
from tests.fleet.resource import JOB, Resource
from tests.fleet.servers import program_of
from tests.fleet.test_partition import APP, ROUTER, counts, lines, text
from tests.plugins.redis.sentinels import sentinels
from tests.plugins.redis.test_sentinel import known
from tests.polling import await_that

pytestmark = pytest.mark.timeout(180)

VALKEY = pytest.param("valkey", marks=pytest.mark.soak)
DONE = "SELECT count(*) FROM effect WHERE count > 0 AND job LIKE ?"
AGAIN = "SELECT job, tick FROM start GROUP BY job, tick HAVING count(*) > 1"


def files(client: dict[str, object]) -> dict[str, str]:
    """Returns an app with a job of each promise, which counts messages."""
    jobs = {
        f"app/schedule/{at}.py": JOB.format(at=at, name=at, takeover=5)
        for at in ("most_once", "least_once")
    }
    config = f"{CONFIG}    redis['clients']['main'] = {client!r}\n    keys = 'a long random text'\n"
    return {
        **jobs,
        "app.py": APP,
        "app/router.py": ROUTER,
        "config/config_default.py": config,
        "config/plugin.py": "fleet = True\n",
    }


class Work:
    """The work of the hosts before and after a fault."""

    def __init__(self, hosts: list[Host], resource: Resource) -> None:
        self.hosts = hosts
        self.resource = resource
        self.pids = [child.pid for host in hosts for child in host.suite.children]
        self.sent = 0
        names = ",".join(f'"{host.name}"' for host in hosts)
        await_that(lambda: {text(host, "/hosts") for host in hosts} == {f"[{names}]"}, "hosts")
        self.post()
        self.messages()
        self.ticks()

    def post(self) -> None:
        """Each host sends messages of `least_once`."""
        for host in self.hosts:
            text(host, "/post?count=50")
        self.sent += 50

    def messages(self) -> None:
        """Waits for all that was sent, in order and once."""
        all_sent = [{host.name: self.sent for host in self.hosts}, 0]
        await_that(lambda: all(counts(host) == all_sent for host in self.hosts), "messages")

    def ticks(self) -> None:
        """Waits for further ticks of both jobs."""
        for job in ("most_once", "least_once"):
            some = self.resource.count(DONE, job) + 2
            await_that(lambda j=job, n=some: self.resource.count(DONE, j) >= n, "ticks")  # type: ignore[misc]

    def check(self, fault: float) -> None:
        """Checks that the work goes on as promised after a fault at a Unix time."""
        self.messages()
        self.ticks()
        for host in self.hosts:
            # The workers of this app send nothing, and no tick may be due while the server is down.
            assert lines(host, "[egg-fleet] redis client 'main'") == 1
            assert lines(host, "[redis] client 'main'") == 1
            assert lines(host, "[egg-schedule] redis client 'main'") <= 1
        children = [child for host in self.hosts for child in host.suite.children]
        assert [child.pid for child in children if child.alive] == self.pids
        again = {int(str(tick)) for _, tick in self.resource.rows(AGAIN)}
        assert all(fault - 3 < tick < fault + 3 for tick in again), (fault, again)
        assert self.resource.rows("SELECT * FROM effect WHERE count > 1") == []
        tokens = "SELECT job, token FROM start GROUP BY job, token HAVING count(*) > 1"
        assert self.resource.rows(tokens) == []


@pytest.mark.parametrize("name", ["redis", VALKEY])
def test_a_failover_by_sentinels(name: str, start_hosts: StartHosts, tmp_path: Path) -> None:
    """Messages that were sent to no server wait; ticks of its last seconds may run again."""
    (tmp_path / "sentinels").mkdir()
    with sentinels(tmp_path / "sentinels", program_of(name)) as suite:
        asyncio.run(known(suite))
        resource = Resource(tmp_path)
        work = Work(start_hosts(files(suite.options), workers=1), resource)
        fault = time.time()
        suite.kill_master()
        work.post()
        work.check(fault)


@pytest.mark.soak
@pytest.mark.parametrize("name", ["redis", "valkey"])
def test_a_restart_of_a_server_that_keeps_its_data(
    name: str, start_hosts: StartHosts, tmp_path: Path
) -> None:
    """Nothing is lost, and no tick runs again."""
    options = ("--appendonly", "yes", "--appendfsync", "always")
    with RedisServer(*options, program=program_of(name)) as server:
        work = Work(start_hosts(files({"url": server.url}), workers=1), Resource(tmp_path))
        server.stop()
        work.post()
        await_that(lambda: all(lines(h, "[egg-fleet] redis client") for h in work.hosts), "outage")
        server.start()
        work.check(time.time())
        assert work.resource.rows(AGAIN) == []
        assert [lines(host, "has lost entries") for host in work.hosts] == [0, 0]


@pytest.mark.soak
def test_a_restart_of_a_server_without_its_data(
    start_hosts: StartHosts, tmp_path: Path, redis: RedisServer
) -> None:
    """Messages that wait are sent after it; each host logs the loss."""
    work = Work(start_hosts(files({"url": redis.url}), workers=1), Resource(tmp_path))
    fault = time.time()
    redis.stop()
    work.post()
    await_that(lambda: all(lines(h, "[egg-fleet] redis client") for h in work.hosts), "outage")
    redis.start()
    work.check(fault)
    assert [lines(host, "the server has lost entries") for host in work.hosts] == [1, 1]
