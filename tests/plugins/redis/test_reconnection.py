"""The attempts to connect during an outage: one at a time, and not after the end of the app."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from eggd.log import Logger
from eggd.plugins.redis import reconnection
from eggd.plugins.redis.reconnection import Reconnection
from tests.plugins.redis.conftest import Lines


class Server:
    """Pings that are answered when the test says so."""

    def __init__(self) -> None:
        self.begun, self.ended = asyncio.Event(), asyncio.Event()
        self.count = 0
        self.at_once = 0
        self.answers = asyncio.Event()

    async def ping(self) -> None:
        self.count += 1
        self.at_once += 1
        self.begun.set()
        try:
            await self.answers.wait()
        finally:
            self.at_once -= 1
            self.ended.set()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconnection, "FIRST", 0.001)


@pytest.fixture
def outage(server: Server, lines: Lines) -> Reconnection:
    return Reconnection("a server", lambda: cast("Logger", lines), server.ping)


def test_two_outages_have_one_attempt(server: Server, outage: Reconnection) -> None:
    """The attempt of the first one went on during the second, and connected after the end."""

    async def outages() -> None:
        outage.failure("gone")
        await server.begun.wait()
        outage.success()
        outage.failure("gone again")
        assert server.at_once == 1
        server.answers.set()
        await server.ended.wait()
        server.begun.clear()
        await server.begun.wait()  # the outage is still on, so it goes on
        assert server.at_once <= 1
        await outage.close()
        assert server.at_once == 0
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(outages())


def test_a_success_ends_the_wait(server: Server, outage: Reconnection) -> None:
    async def outages() -> None:
        outage.failure("gone")
        outage.success()
        await outage.close()
        assert (server.count, asyncio.all_tasks()) == (0, {asyncio.current_task()})

    asyncio.run(outages())


def test_no_attempt_after_the_end(server: Server, outage: Reconnection) -> None:
    async def outages() -> None:
        outage.failure("gone")
        await server.begun.wait()
        await outage.close()
        outage.failure("gone again")
        assert (server.at_once, asyncio.all_tasks()) == (0, {asyncio.current_task()})

    asyncio.run(outages())
