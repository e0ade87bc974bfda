"""Claims on a real server: which of two hosts runs a tick."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from redis.asyncio import Redis

from eggd.plugins.schedule.claim import by_hand
from eggd.plugins.schedule.claim_scripts import KEPT_RUNS, KEPT_TICKS, MOST_ATTEMPTS
from eggd.plugins.schedule.claims import Claims, Engine
from eggd.plugins.schedule.every import Every, latest
from eggd.plugins.schedule.job import Job
from eggd.plugins.schedule.options import read_options
from eggd.testing.redis_server import RedisServer

KEY = "eggd:schedule:{shop/prod/app/schedule/a.py}"
Work = Callable[[Claims, Claims, Redis], Awaitable[None]]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


def run(server: RedisServer, work: Work) -> None:
    """Runs `work` with the claims of hosts a and b, and an empty database."""

    async def main() -> None:
        client = Redis.from_url(server.url, decode_responses=True)
        await client.flushdb()
        engine = cast("Engine", client)
        await work(Claims(engine, "shop/prod", "a"), Claims(engine, "shop/prod", "b"), client)
        await client.connection_pool.disconnect()

    asyncio.run(main())


def job(**options: object) -> Job:
    """Returns a job of every second."""
    schedule = {"type": "cluster", "cron": "* * * * * *", **options}
    name = "app/schedule/a.py"
    return Job(name, Path(name), "a", schedule, read_options(schedule), print)


async def expire(client: Redis, tick: int) -> None:
    """Ends the time of a claim, as the time of the server would."""
    claim = json.loads(await client.hget(f"{KEY}:claims", str(tick)))
    await client.hset(f"{KEY}:claims", str(tick), json.dumps({**claim, "expires": 0}))


def test_one_host_has_a_tick(server: RedisServer) -> None:
    """A repeated request has the same answer; the token rises; a tick outlives its run (KO-17)."""

    async def work(a: Claims, b: Claims, client: Redis) -> None:
        outcome, token, others = await a.claim(job(), 100, "r1")
        assert (outcome, others) == ("granted", 0)
        assert await a.claim(job(), 100, "r1") == ("granted", token, 0)
        assert await b.claim(job(), 100, "r2") == ("open", 0, 1)
        outcome, second, others = await b.claim(job(), 99, "r3")
        assert (outcome, second > token, others) == ("granted", True, 1)
        assert await a.finish(job(), 100, token, outcome="succeeded", seconds=0.5)
        assert not await a.finish(job(), 100, token, outcome="succeeded", seconds=0.5)
        assert await b.claim(job(), 100, "r4") == ("done", 0, 0)
        runs = await b.runs(job(), 9)
        assert [(run["host"], run["outcome"]) for run in runs] == [
            ("a", "late"),
            ("a", "succeeded"),
        ]

    run(server, work)


def test_skip_leaves_out_a_tick_while_another_host_runs(server: RedisServer) -> None:
    async def work(a: Claims, b: Claims, client: Redis) -> None:
        _, token, _ = await a.claim(job(), 100, "r1")
        assert await b.claim(job(overlap="skip"), 101, "r2") == ("busy", 0, 1)
        await a.finish(job(), 100, token, outcome="failed", seconds=1)
        assert (await b.claim(job(overlap="skip"), 102, "r3"))[0] == "granted"

    run(server, work)


def test_an_expired_claim_is_lost_or_taken_over(server: RedisServer) -> None:
    """One review fails it, or one host takes it over; the old token is refused (known:KO-20)."""

    async def work(a: Claims, b: Claims, client: Redis) -> None:
        once, least = job(takeover=1), job(takeover=1, at="least_once")
        await a.claim(once, 100, "r1")
        await expire(client, 100)
        kinds = [[each.kind for each in await host.review(once)] for host in (b, a)]
        assert kinds == [["lost"], []]
        assert await b.claim(once, 100, "r2") == ("done", 0, 0)
        _, token, _ = await a.claim(least, 200, "r1")
        await expire(client, 200)
        outcome, second, _ = await b.claim(least, 200, "r2")
        assert (outcome, second > token) == ("granted", True)
        assert not await a.extend(least, 200, token)
        assert await b.extend(least, 200, second)

    run(server, work)


def test_a_tick_is_claimed_a_few_times_only(server: RedisServer) -> None:
    async def work(a: Claims, b: Claims, client: Redis) -> None:
        least = job(takeover=1, at="least_once")
        for number in range(MOST_ATTEMPTS):
            outcome, _, _ = await a.claim(least, 100, f"r{number}")
            assert outcome == "granted"
            await expire(client, 100)
        assert (await a.claim(least, 100, "last"))[0] == "spent"
        assert (await a.claim(least, 100, "last"))[0] == "done"

    run(server, work)


def test_a_run_that_never_began_is_no_attempt(server: RedisServer) -> None:
    """Its claim is over at once, or still that of the host that has taken it over."""

    async def work(a: Claims, b: Claims, client: Redis) -> None:
        least = job(takeover=60, at="least_once")
        for number in range(2 * MOST_ATTEMPTS):
            outcome, token, _ = await a.claim(least, 100, f"r{number}")
            assert outcome == "granted"
            await a.give_back(least, 100, token)
        _, token, _ = await a.claim(least, 100, "slow")
        await expire(client, 100)
        _, second, _ = await b.claim(least, 100, "next")
        await a.give_back(least, 100, token)
        assert await b.extend(least, 100, second)
        claim = json.loads(await client.hget(f"{KEY}:claims", "100"))
        assert claim["attempts"] == 1
        await b.finish(least, 100, second, outcome="succeeded", seconds=1)
        await b.give_back(least, 100, second)
        assert (await a.claim(least, 100, "late"))[0] == "done"

    run(server, work)


def test_a_token_by_hand_is_comparable(server: RedisServer) -> None:
    """A run by hand after a tick has the greater token, one before it the smaller."""

    async def work(a: Claims, b: Claims, client: Redis) -> None:
        before = by_hand().token
        _, token, _ = await a.claim(job(), 100, "r")
        assert before <= token <= by_hand().token

    run(server, work)


def test_the_server_keeps_a_bounded_number(server: RedisServer) -> None:
    """Ticks that it has forgotten are over; the token rises also after a loss of all data."""

    async def work(a: Claims, b: Claims, client: Redis) -> None:
        last = 0
        for tick in range(1, 2 * KEPT_TICKS):
            _, token, _ = await a.claim(job(), tick, "r")
            await a.finish(job(), tick, token, outcome="succeeded", seconds=0)
            assert token > last
            last = token
        assert await client.hlen(f"{KEY}:claims") == KEPT_TICKS + 2  # with floor and token
        assert await client.llen(f"{KEY}:runs") == KEPT_RUNS
        assert (await b.claim(job(), 1, "r"))[0] == "done"
        await client.flushdb()
        assert (await b.claim(job(), 2 * KEPT_TICKS, "r"))[1] > last

    run(server, work)


@pytest.mark.parametrize(
    ("interval", "now", "tick"), [(60, 119, 60), (60, 120, 120), (7, 20, 14), (10, 5, None)]
)
def test_the_latest_tick_of_an_interval(interval: int, now: int, tick: int | None) -> None:
    """Hosts agree on the multiples since 1970."""
    assert latest(Every(interval), now) == tick


def test_the_latest_tick_of_a_cron_expression() -> None:
    """A tick of each year is found without a walk through the days."""
    times = job(cron="0 0 1 1 *", cron_options={"tz": "UTC"}).options.times
    assert times is not None
    assert latest(times, 1_795_000_000) == 1_767_225_600  # 2026-01-01
