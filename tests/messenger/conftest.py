"""Async tests of this folder run on asyncio and on uvloop, with real sockets in tmp_path."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from eggd.messenger import Messenger, MessengerConfig, Sender
from eggd.messenger.inbox import bind
from tests.loops import Test, run_async
from tests.loops import pytest_generate_tests as pytest_generate_tests

DEBIAN = 212992
"""The net.core.wmem_max of Debian's kernels, which the tests request on any machine."""


class Heard:
    """A handler that keeps its messages, and lets a test wait for them."""

    def __init__(self) -> None:
        self.data: list[Any] = []
        self.senders: list[Sender] = []
        self._more = asyncio.Event()

    def __call__(self, data: object, sender: Sender) -> None:
        self.data.append(data)
        self.senders.append(sender)
        self._more.set()

    async def count(self, number: int) -> list[Any]:
        """Waits for `number` messages and returns all of them."""
        while len(self.data) < number:
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), 10)
        return self.data


class Bus:
    """Messengers of one runtime directory, and what they logged."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.lines: list[tuple[str, str]] = []
        self._open: list[Messenger] = []

    def config(self, **options: int) -> MessengerConfig:
        return MessengerConfig(directory=str(self.directory), **{"send_buffer": DEBIAN, **options})

    async def agent(
        self,
        inbox: socket.socket | None = None,
        enabled: Callable[[], Iterable[int]] = tuple,
        **options: int,
    ) -> Messenger:
        agent = Messenger("agent", 0, self.config(**options), self.log, enabled=enabled)
        return await self._opened(agent, inbox)

    async def worker(self, slot: int, **options: int) -> Messenger:
        return await self._opened(Messenger("worker", slot, self.config(**options), self.log))

    async def suite(self, workers: int) -> list[Messenger]:
        """An agent and workers, all ready and knowing it."""
        agent = await self.agent(enabled=lambda: range(1, workers + 1))
        everyone = [agent, *[await self.worker(slot) for slot in range(1, workers + 1)]]
        ready = [self.hear(each, "egg-ready") for each in everyone]
        agent.announce("ready")
        for worker in everyone[1:]:
            worker.announce("ready")
        for heard in ready:
            await heard.count(1)
        return everyone

    def hold(self) -> socket.socket:
        """Returns agent.sock, held as by systemd."""
        return bind(str(self.directory / "agent.sock"))

    def path(self, slot: int) -> str:
        return str(self.directory / f"worker-{slot}.sock")

    def hear(self, messenger: Messenger, action: str) -> Heard:
        heard = Heard()
        messenger.on(action, heard)
        return heard

    def log(self, level: str, text: str) -> None:
        self.lines.append((level, text))

    def close(self) -> None:
        for messenger in self._open:
            messenger.close()

    async def _opened(self, messenger: Messenger, inbox: socket.socket | None = None) -> Messenger:
        self._open.append(messenger)
        await messenger.open(inbox)
        return messenger


@pytest.fixture
def bus(tmp_path: Path) -> Bus:
    return Bus(tmp_path)


@pytest.fixture
def held(bus: Bus) -> Iterator[socket.socket]:
    with bus.hold() as sock:
        yield sock


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    bus = pyfuncitem.funcargs.get("bus")
    return run_async(pyfuncitem, partial(_closing, bus if isinstance(bus, Bus) else None))


async def _closing(bus: Bus | None, test: Test) -> None:
    try:
        await test
    finally:
        if bus is not None:
            bus.close()
