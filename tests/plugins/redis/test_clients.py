"""Clients of one real server: options, outages, cancelled commands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest
from redis.exceptions import ConnectionError, RedisError

from eggd.errors import ConfigError
from eggd.testing.redis_server import RedisServer
from tests.plugins.redis.conftest import Lines, Opened


def test_a_client_by_its_name(redis_server: RedisServer, opened: Opened) -> None:
    async def use() -> None:
        one, two = redis_server.url, redis_server.url.replace("db=0", "db=1")
        async with opened(one={"url": one}, two={"url": two, "decode_responses": False}) as redis:
            await redis.connect()
            await redis.get("one").set("a", "Zoë")
            await redis.get("two").set("a", "Zoë")
            assert await redis.get("one").get("a") == "Zoë"
            assert await redis.get("two").get("a") == "Zoë".encode()
            assert redis.get("one") is redis.get("one")
            assert redis.any("one") is redis.get("one")

    asyncio.run(use())


def test_options_of_default_are_those_of_each_client(redis_server: RedisServer) -> None:
    from eggd.config.section import coerce
    from eggd.plugins.redis.section import RedisConfig
    from eggd.plugins.redis.target import target

    values = {
        "default": {"url": "redis://a/3", "timeout": "5s", "max_connections": 4},
        "clients": {
            "same": {},
            "own": {"timeout": 1},
            "other": {"sentinels": ["b", "[::1]:7"], "master": "m", "db": 1},
        },
    }
    config = coerce(RedisConfig, values, ("redis",), str)
    same, own, other = (target(name, config) for name in ("same", "own", "other"))
    assert (same.place, same.timeout, same.max_connections) == ("a:6379", 5, 4)
    assert (own.place, own.timeout, own.max_connections) == ("a:6379", 1, 4)
    assert other.place == "master 'm' of sentinels b:26379, [::1]:7"
    assert other.address.db == 1


@pytest.mark.parametrize("key", ["url", "password"])
def test_a_password(opened: Opened, lines: Lines, key: str) -> None:
    """Neither a log line nor an error shows it."""

    async def use(server: RedisServer) -> None:
        url = {"url": server.url.replace("unix://", "unix://:geheim@")}
        good = url if key == "url" else {"url": server.url, "password": "geheim"}
        wrong = {"url": server.url, "password": "geheimnis", "required": False}
        async with opened(good=good, wrong=wrong) as redis:
            await redis.connect()
            assert await redis.get("good").ping()
            assert "invalid username-password pair" in redis.problem("wrong")
            assert redis.problem("good") == ""
        assert len(lines) == 1
        assert "geheim" not in str(lines)

    with RedisServer("--requirepass", "geheim") as server:
        asyncio.run(use(server))


def test_a_required_server_that_is_down_ends_the_start(opened: Opened, lines: Lines) -> None:
    async def use() -> None:
        async with opened(cache={"url": "unix:///nowhere/redis.sock"}) as redis:
            with pytest.raises(ConfigError) as caught:
                await redis.connect()
        assert caught.value.line.startswith("redis.clients.cache: unix:/nowhere/redis.sock cannot")
        assert "required = False" in caught.value.line

    asyncio.run(use())
    assert lines == []


def test_an_outage_is_two_lines_and_ends_without_a_command(opened: Opened, lines: Lines) -> None:
    """The client connects again by itself, also if the app is idle."""

    async def use() -> None:
        with RedisServer() as server:
            async with opened(cache={"url": server.url}) as redis:
                await redis.connect()
                for number in (1, 2):
                    server.stop()
                    for _ in range(5):
                        with pytest.raises(ConnectionError):
                            await redis.get("cache").get("a")
                        async with redis.get("cache").pipeline() as pipeline:
                            with pytest.raises(ConnectionError):
                                await pipeline.set("a", 1).execute()
                    assert len(lines) == 2 * number - 1
                    assert "client 'cache'" in lines[-1]
                    assert "is down" in lines[-1]
                    assert redis.problem("cache") != ""
                    server.start()
                    while redis.problem("cache"):  # noqa: ASYNC110  # the timer of the client
                        await asyncio.sleep(0.01)
                    assert "is back after" in lines[-1]
                    assert await redis.get("cache").ping()

    asyncio.run(use())


def test_a_restarted_server_is_used_without_an_error(opened: Opened, lines: Lines) -> None:
    """Idle connections that the server has closed are replaced before a command is sent."""

    async def use() -> None:
        with RedisServer() as server:
            async with opened(cache={"url": server.url}) as redis:
                await redis.get("cache").set("a", 1)
                await asyncio.to_thread(server.stop)
                await asyncio.to_thread(server.start)
                assert await redis.get("cache").get("a") is None

    asyncio.run(use())
    assert lines == []


def test_a_server_that_hangs_is_an_outage(opened: Opened, lines: Lines) -> None:
    async def use() -> None:
        with RedisServer() as server:
            options = {"url": server.url, "timeout": 0.2, "max_connections": 2}
            async with opened(cache=options) as redis:
                await redis.get("cache").set("mine", "me")
                with server.paused():
                    gets = [redis.get("cache").get("mine") for _ in range(50)]
                    results = await asyncio.gather(*gets, return_exceptions=True)
                assert all(isinstance(each, RedisError) for each in results)
                assert await redis.get("cache").get("mine") == "me"
                assert [line for line in lines if "is down" in line] == lines[:1]

    asyncio.run(use())


async def cancelled(command: Awaitable[object], turns: int) -> None:
    """Sends a command and cancels it after some turns of the loop."""
    task = asyncio.ensure_future(command)
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])


def test_a_cancelled_command_mixes_up_no_answers(redis_server: RedisServer, opened: Opened) -> None:
    """Wherever it is cancelled, the next command does not read its answer (CVE-2023-28858)."""

    async def use() -> None:
        async with opened(cache={"url": redis_server.url, "max_connections": 1}) as redis:
            cache = redis.get("cache")
            await cache.set("mine", "me")
            await cache.set("yours", "you")
            for turns in range(60):
                await cancelled(cache.get("mine"), turns % 20)
                assert await cache.get("yours") == "you"
                pipeline = cache.pipeline()
                pipeline.get("mine").get("mine")
                await cancelled(pipeline.execute(), turns % 20)
                assert await cache.get("yours") == "you"

    asyncio.run(use())


def test_more_commands_than_connections_wait(redis_server: RedisServer, opened: Opened) -> None:
    async def use() -> None:
        async with opened(cache={"url": redis_server.url, "max_connections": 3}) as redis:
            cache = redis.get("cache")
            await asyncio.gather(*(cache.incr("a") for _ in range(200)))
            assert await cache.get("a") == "200"
            assert len(await cache.client_list()) <= 3

    asyncio.run(use())


def test_a_server_that_is_not_redis_is_named_at_the_start(opened: Opened) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async def use() -> None:
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with opened(cache={"url": f"redis://127.0.0.1:{port}"}) as redis:
                with pytest.raises(ConfigError, match="is not a Redis server: Protocol Error"):
                    await redis.connect()

    asyncio.run(use())
