"""One of three hosts loses the server for a while: nothing passes, and no connection is closed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from eggd.testing.redis_server import RedisServer
from tests.fleet.cable import Cable
from tests.fleet.conftest import StartHosts
from tests.fleet.hosts import CONFIG, Host
from tests.fleet.test_claims import long, runner, shown
from tests.polling import await_that

APP = """
    from eggd import Boot

    class AppBoot(Boot):
        async def did_load(self):
            app = self.app
            app.last, app.wrong, app.local = {}, 0, []
            app.messenger.cluster.on("count", self.count)
            app.messenger.on("local", app.local.append)

        def count(self, number, sender):
            last = self.app.last
            self.app.wrong += number != last.get(sender.host, 0) + 1
            last[sender.host] = number
"""
ROUTER = """
    import itertools

    from eggd import NoPeerError, OutboxFullError

    numbers = itertools.count(1)

    async def post(ctx):
        cluster = ctx.app.messenger.cluster
        for _ in range(int(ctx.query["count"])):
            cluster.broadcast("count", next(numbers), at="least_once")
        return ctx.app.last

    async def flood(ctx):
        sent = 0
        while True:
            number = next(numbers)
            try:
                ctx.app.messenger.cluster.broadcast("count", number, at="least_once")
            except OutboxFullError:
                globals()["numbers"] = itertools.count(number)
                return [number - 1]

    async def unsure(ctx):
        for _ in range(7):
            ctx.app.messenger.cluster.broadcast("unsure", 1)
        return "sent"

    async def hosts(ctx):
        try:
            return await ctx.app.messenger.cluster.hosts()
        except NoPeerError:
            return []

    async def counts(ctx):
        return [ctx.app.last, ctx.app.wrong]

    async def local(ctx):
        ctx.app.messenger.broadcast("local", ctx.query["text"])
        return "sent"

    async def heard(ctx):
        return ctx.app.local

    async def put(ctx):
        ctx.session["user"] = ctx.query["user"]
        return "put"

    async def user(ctx):
        return ctx.session["user"]

    async def limited(ctx):
        return "limited"

    def router(app):
        for handler in (post, flood, unsure, hosts, counts, local, heard, put, user, limited):
            app.get(f"/{handler.__name__}", handler)
"""
SHARING = (
    CONFIG
    + """
    keys = "a long random text"
    session = {"store": "redis", "redis": "main"}
    ratelimit = {
        "store": "redis", "redis": "main",
        "limits": [
            {"name": "all", "limit": 1000, "window": "1d", "by": "all", "match": "/limited"},
        ],
    }
    redis["default"] = {"timeout": 1.2, "connect_timeout": 1.2}
"""
)
QUICK = """
    import os
    import time
    from pathlib import Path

    schedule = {"type": "cluster", "cron": "* * * * * *", "takeover": 1}

    def task(ctx):
        line = f"{os.environ['HOST_NAME']} {ctx.claim.tick} {time.monotonic()}\\n"
        with Path(os.environ["SHARED"], "ticks").open("a") as file:
            file.write(line)
"""
FILES = {
    **long("least_once", 1),
    "app/schedule/quick.py": QUICK,
    "app.py": APP,
    "app/router.py": ROUTER,
    "config/config_default.py": SHARING,
    "config/plugin.py": "fleet = True\nratelimit = True\n",
}


def ask(host: Host, path: str, **headers: str) -> HTTPResponse:
    """Returns the response of a host, whose body was read into `text`."""
    connection = HTTPConnection("127.0.0.1", host.suite.port, timeout=60)
    connection.request("GET", path, headers={"Connection": "close", **headers})
    response = connection.getresponse()
    response.text = response.read().decode()  # type: ignore[attr-defined]
    return response


def text(host: Host, path: str, **headers: str) -> str:
    """Returns the body of a response with status 200."""
    response = ask(host, path, **headers)
    assert response.status == 200, response.text  # type: ignore[attr-defined]
    return str(response.text)  # type: ignore[attr-defined]


def counts(host: Host) -> list[object]:
    """Returns the last number of each host that a worker has got, and those out of order."""
    return list(json.loads(text(host, "/counts")))


def ticks(folder: Path) -> list[tuple[str, int, float]]:
    """Returns host, tick and time of each run of the job of every second."""
    file = folder / "ticks"
    rows = (line.split() for line in (file.read_text() if file.exists() else "").splitlines())
    return [(host, int(tick), float(at)) for host, tick, at in rows]


def left(host: Host) -> str:
    """Returns the field RateLimit of a response."""
    return ask(host, "/limited").headers.get("RateLimit", "").partition(";t=")[0]


@pytest.fixture
def cables(redis: RedisServer) -> Iterator[list[Cable]]:
    """A cable for each of three hosts."""
    with ExitStack() as stack:
        yield [stack.enter_context(Cable(redis.socket)) for _ in range(3)]


def lines(host: Host, what: str) -> int:
    """Returns how often the log of errors of a host has a text."""
    file = host.suite.logdir / "common-error.log"
    return file.read_text().count(what) if file.exists() else 0


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(3, marks=pytest.mark.timeout(180)),
        pytest.param(30, marks=[pytest.mark.soak, pytest.mark.timeout(300)]),
    ],
)
def test_a_host_that_is_cut_off(
    seconds: int,
    start_hosts: StartHosts,
    cables: list[Cable],
    tmp_path: Path,
    figure: Callable[[str], None],
) -> None:
    """The host starts no tick, keeps its messages, serves requests, and comes back by itself."""
    hosts = start_hosts(FILES, (0.0,) * 3, workers=1, urls=[each.url for each in cables])
    pids = [child.pid for host in hosts for child in host.suite.children]
    first, _ = runner(hosts, tmp_path)
    other, third = (host for host in hosts if host is not first)
    cable = cables[hosts.index(first)]
    everywhere = '["a","b","c"]'
    await_that(lambda: all(text(host, "/hosts") == everywhere for host in hosts), "three hosts")
    for host in hosts:
        text(host, "/post?count=5")
    everything: dict[str, int] = {host.name: 5 for host in hosts}
    await_that(lambda: all(counts(host) == [everything, 0] for host in hosts), "messages")
    cookie = ask(other, "/put?user=ada").headers["Set-Cookie"].partition(";")[0]
    assert text(first, "/user", Cookie=cookie) == "ada"
    assert [left(host) for host in hosts] == [f'"all";r={n}' for n in (999, 998, 997)]

    cable.cut()
    begin = time.monotonic()
    check_cut(first, other, third, tmp_path, cookie)
    kept = int(json.loads(text(first, "/flood"))[0])
    assert 20_000 <= kept - 5 <= 20_100
    await_that(lambda: time.monotonic() > begin + seconds, "end of the partition")
    lost = shown(tmp_path, first)
    end = time.monotonic()
    cable.mend()

    everything = {first.name: kept, other.name: 55, third.name: 5}
    await_that(lambda: all(counts(host) == [everything, 0] for host in hosts), "all messages")
    took = time.monotonic() - end
    await_that(lambda: text(first, "/user", Cookie=cookie) == "bob", "session")
    await_that(lambda: left(first) == '"all";r=995', "limit")
    await_that(lambda: first.find("has lost its claim"), "line")
    (tmp_path / "gate").touch()
    await_that(lambda: any(h == first.name and at > end for h, _, at in ticks(tmp_path)), "tick")
    runs = ticks(tmp_path)
    assert [run for run in runs if run[0] == first.name and begin + 0.5 < run[2] < end] == []
    assert len([run for run in runs if begin < run[2] < end]) >= seconds - 1
    assert len({tick for _, tick, _ in runs}) == len(runs)
    assert lost[2] is False
    check_logs(first, [other, third])
    assert pids == [child.pid for host in hosts for child in host.suite.children if child.alive]
    figure(f"{kept - 5} messages kept in {seconds} s, delivered in {took:.1f} s; {len(runs)} ticks")


def check_cut(first: Host, other: Host, third: Host, folder: Path, cookie: str) -> None:
    """Checks both sides of the partition."""
    tick, token, _ = shown(folder, first)
    await_that(lambda: shown(folder, first)[2] is False, "end of the claim")
    await_that(lambda: shown(folder, other) or shown(folder, third), "takeover")
    taken = shown(folder, other) or shown(folder, third)
    assert (taken[0], taken[2]) == (tick, True)
    assert int(str(taken[1])) > int(str(token))
    # A request that needs its session waits for the server, one that is counted does not.
    begin = time.monotonic()
    assert [ask(first, "/user", Cookie=cookie).status for _ in range(2)] == [503, 503]
    assert time.monotonic() - begin < 3 * 2.4  # a third wait for the server
    await_that(lambda: lines(first, "[egg-fleet] redis client 'main' is down"), "outage")
    begin = time.monotonic()
    assert [left(first) for _ in range(5)] == [""] * 5
    assert text(first, "/local?text=hello") == "sent"
    await_that(lambda: json.loads(text(first, "/heard")) == ["hello"], "local message")
    text(first, "/unsure")
    assert time.monotonic() - begin < 2.4
    assert text(other, "/user", Cookie=cookie) == "ada"
    assert text(third, "/put?user=bob", Cookie=cookie) == "put"
    assert left(other) == '"all";r=996'
    text(other, "/post?count=50")
    await_that(lambda: counts(third)[0] == {first.name: 5, other.name: 55, third.name: 5}, "fifty")
    assert counts(first)[0] == {first.name: 5, other.name: 5, third.name: 5}


def check_logs(first: Host, others: list[Host]) -> None:
    """Checks that the outage is one line of each part of each process, and unknown elsewhere."""
    for title, processes in (("[egg-fleet] redis", 1), ("[egg-schedule] redis", 1), ("[redis]", 2)):
        assert lines(first, f"{title} client 'main'") == processes, title
        assert [lines(host, f"{title} client 'main'") for host in others] == [0, 0]
    log = (first.suite.logdir / "egg-agent.log").read_text()
    assert log.count("7 messages of most_once were dropped") == 1
