"""A master that dies, and is replaced by its sentinels (redis-server --sentinel)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from tests.app.serving import served
from tests.plugins.redis.conftest import Lines, Opened
from tests.plugins.redis.sentinels import Sentinels, sentinels
from tests.plugins.session.test_session import ON, ROUTER
from tests.plugins.session.visitor import Visitor
from tests.polling import await_that

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def replicated(redis: object, count: int) -> None:
    """Waits until the replica is connected and the sentinels know it."""
    while await redis.wait(1, 100) < count:  # type: ignore[attr-defined]
        pass


async def working(command: object) -> object:
    """Returns the answer of a command that is repeated until the server answers."""
    while True:
        try:
            return await command()  # type: ignore[operator]
        except RedisError:
            await asyncio.sleep(0.05)


def test_a_failover_is_one_outage(tmp_path: Path, opened: Opened, lines: Lines) -> None:
    async def use(suite: Sentinels) -> None:
        async with opened(shop=suite.options) as redis:
            shop = redis.get("shop")
            await working(shop.ping)
            lines.clear()
            await working(lambda: known(suite))
            await shop.set("a", 1)
            await replicated(shop, 1)
            await asyncio.to_thread(suite.kill_master)
            with pytest.raises(RedisError):
                await shop.get("a")
            assert await working(lambda: shop.get("a")) == "1"
            await shop.set("a", 2)
            assert len([line for line in lines if "is down" in line]) == 1
            assert "is back after" in lines[-1]

    with sentinels(tmp_path) as suite:
        asyncio.run(use(suite))


async def known(suite: Sentinels) -> None:
    """Waits until the replica is in step, and every sentinel knows it and the other sentinels."""
    from redis.asyncio import Redis

    async with Redis(port=next(iter(suite.servers))) as master:
        await master.set("first", 1)
        await replicated(master, 1)
    for port in suite.ports:
        async with Redis(port=port, decode_responses=True) as sentinel:
            while True:
                state = (await sentinel.sentinel_masters())["shop"]
                if (state["num-slaves"], state["num-other-sentinels"]) == (1, 2):
                    break
                await asyncio.sleep(0.05)


def test_sessions_of_answered_requests_survive_a_failover(tmp_path: Path) -> None:
    """With `replicas` an answer is sent when the session is on the replica, too."""
    with sentinels(tmp_path) as suite:
        asyncio.run(known(suite))
        clients = {"session": {**suite.options, "replicas": 1}}
        config = f'keys = "a"\nsession = {{"store": "redis"}}\nredis = {{"clients": {clients!r}}}\n'
        files = {"config/config_default.py": config, "app/router.py": ROUTER, **ON}
        with served(tmp_path / "shop", files) as client:
            visitors = [Visitor(client) for _ in range(30)]
            for number, visitor in enumerate(visitors):
                visitor.ask("/put", {"user": number})
            suite.kill_master()
            cookie = f"EGG_SESS={visitors[0].cookies['EGG_SESS']}"
            await_that(lambda: client.get("/show", Cookie=cookie).status == 200, "a new master")
            for number, visitor in enumerate(visitors):
                assert visitor.ask("/show") == {"user": number}
            log = (client.log_dir / "egg-web.log").read_text()
            assert log.count(") is down: ") == log.count("is back after") == 1
            # The killed master was the only other server: no replica is left.
            headers = {"Content-Type": "application/json", "Cookie": cookie}
            assert client.ask("POST", "/put", b'{"a": 1}', headers).status == 503
