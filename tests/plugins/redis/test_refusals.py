"""A server that answers, but refuses commands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from eggd.plugins.redis import refusals
from eggd.testing.redis_server import RedisServer
from tests.plugins.redis.conftest import Lines, Opened

FULL, EMPTY = "1", "0"
"""Values of `maxmemory`: a server with this limit has no memory left; one without a limit."""

Write = Callable[[Redis], Awaitable[object]]


async def write(client: Redis) -> object:
    return await client.set("a", "hush")


async def run_script(client: Redis) -> object:
    return await client.eval("return redis.call('SET', KEYS[1], ARGV[1])", 1, "a", "hush")


async def pipe(client: Redis) -> object:
    return await client.pipeline(transaction=False).set("a", "hush").get("a").execute()


@pytest.mark.parametrize("write", [write, run_script, pipe])
def test_full_memory_is_one_line_until_it_ends(
    redis_server: RedisServer, opened: Opened, lines: Lines, write: Write
) -> None:
    """Reads that succeed meanwhile do not end it; no line has the values of the command."""

    async def use() -> None:
        async with opened(cache={"url": redis_server.url}) as redis:
            client = redis.get("cache")
            await client.config_set("maxmemory", FULL)
            for _ in range(3):
                with pytest.raises(ResponseError):
                    await write(client)
                assert await client.get("a") is None
            reason = "OOM command not allowed when used memory > 'maxmemory'"
            assert redis.problem("cache") == reason
            assert redis.silence("cache") == ""
            start = f"[redis] client 'cache' (unix:{redis_server.socket})"
            assert lines == [f"{start}: the server refuses commands: {reason}"]
            await client.config_set("maxmemory", EMPTY)
            await write(client)
            assert redis.problem("cache") == ""
            assert [line.rpartition(" after ")[0] for line in lines[1:]] == [
                f"{start} takes all commands again"
            ]

    asyncio.run(use())


def test_a_missing_right_is_a_refusal(
    redis_server: RedisServer, opened: Opened, lines: Lines
) -> None:
    async def use() -> None:
        url = redis_server.url
        user = {"username": "ann", "password": "right-hand"}
        async with opened(root={"url": url}, ann={"url": url, **user}) as redis:
            rights = ("on", ">right-hand", "~*", "+ping", "+get")
            await redis.get("root").execute_command("ACL", "SETUSER", "ann", *rights)
            await redis.connect()
            with pytest.raises(ResponseError):
                await redis.get("ann").set("a", 1)
            assert "no permissions" in redis.problem("ann")
            assert len(lines) == 1

    asyncio.run(use())


def test_a_replica_refuses_writes(redis_server: RedisServer, opened: Opened, lines: Lines) -> None:
    """A replica answers pings, so an outage would begin and end with each command."""

    async def use() -> None:
        async with opened(cache={"url": redis_server.url}) as redis:
            client = redis.get("cache")
            await client.execute_command("REPLICAOF", "127.0.0.1", "1")
            for _ in range(3):
                with pytest.raises(ResponseError):
                    await client.set("a", 1)
                assert await client.ping()
            assert "read only replica" in redis.problem("cache")
            assert len(lines) == 1
            await client.execute_command("REPLICAOF", "NO", "ONE")
            await client.set("a", 1)
            assert (redis.problem("cache"), len(lines)) == ("", 2)

    asyncio.run(use())


def test_an_error_of_the_command_is_no_refusal(
    redis_server: RedisServer, opened: Opened, lines: Lines
) -> None:
    async def use() -> None:
        async with opened(cache={"url": redis_server.url}) as redis:
            await redis.get("cache").set("OOM", "text")
            with pytest.raises(ResponseError):
                await redis.get("cache").lpush("OOM", 1)
            assert (redis.problem("cache"), lines) == ("", [])

    asyncio.run(use())


def test_a_refusal_that_is_not_repeated_is_forgotten(
    redis_server: RedisServer, opened: Opened, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that the app sends once must not mark the server as down for ever."""

    async def use() -> None:
        async with opened(cache={"url": redis_server.url}) as redis:
            client = redis.get("cache")
            await client.config_set("maxmemory", FULL)
            with pytest.raises(ResponseError):
                await client.set("a", 1)
            monkeypatch.setattr(refusals, "FORGOTTEN", 0.0)
            assert redis.problem("cache") == ""
            with pytest.raises(ResponseError):
                await client.set("a", 1)
            assert len(lines) == 2

    asyncio.run(use())


def test_the_reason_of_a_connection_that_fails(opened: Opened, lines: Lines) -> None:
    """The line has the cause; that of redis-py is "Error 111 connecting to HOST. 111."."""

    async def use() -> None:
        options = {"required": False}
        refused = {"url": "redis://127.0.0.1:1", **options}
        unknown = {"url": "redis://redis.invalid", **options}
        async with opened(refused=refused, unknown=unknown) as redis:
            await redis.connect()
            assert redis.problem("refused") == "Connection refused"
            assert "connecting to" not in redis.problem("unknown")

    asyncio.run(use())
