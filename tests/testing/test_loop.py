"""The loop of the apps, called from other threads."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.errors import EggError
from eggd.testing.loop import AppLoop


@pytest.fixture
def loop() -> Iterator[AppLoop]:
    loop = AppLoop()
    yield loop
    loop.close()


async def never() -> None:
    await asyncio.Event().wait()


async def fails() -> None:
    raise EggError("no eggs")


def test_a_call_raises_what_it_raises(loop: AppLoop) -> None:
    with pytest.raises(EggError, match="no eggs"):
        loop.run(fails())
    with pytest.raises(EggError, match="no eggs"):
        asyncio.run(loop.call(fails()))


def test_a_slow_call_is_ended(loop: AppLoop) -> None:
    with pytest.raises(TimeoutError, match=r"^not done after 0.01 s$"):
        loop.run(never(), 0.01)
    with pytest.raises(TimeoutError, match=r"^not done after 0.01 s$"):
        asyncio.run(loop.call(never(), 0.01))


def test_a_call_from_the_loop_needs_no_other_thread(loop: AppLoop) -> None:
    async def outer() -> list[int]:
        async def inner() -> int:
            return threading.get_ident()

        return [await loop.call(inner()), threading.get_ident()]

    one, two = loop.run(outer())
    assert one == two != threading.get_ident()


def test_a_blocked_loop_shows_where(loop: AppLoop) -> None:
    entered, free = threading.Event(), threading.Event()

    async def blocks() -> None:
        entered.set()
        free.wait()

    asyncio.run_coroutine_threadsafe(blocks(), loop.loop)
    entered.wait()
    loop.patience = 0.01
    with pytest.raises(TimeoutError, match=r"the app's loop is blocked:(.|\n)*in blocks"):
        loop.run(never(), 0.01)
    loop.patience = 60.0
    free.set()


def test_exceptions_of_abandoned_tasks_are_kept(loop: AppLoop) -> None:
    async def forgotten() -> None:
        task = asyncio.ensure_future(fails())
        await asyncio.wait([task])

    loop.run(forgotten())
    loop.run(asyncio.sleep(0))
    assert loop.errors == ["Task exception was never retrieved: EggError('no eggs')"]


@pytest.mark.filterwarnings("error")
def test_an_open_connection_is_a_warning(tmp_path: Path) -> None:
    """As an error it came in the middle of uvloop's end, which then waited for ever."""
    loop, path = AppLoop(), str(tmp_path / "server.sock")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        connection = loop.run(asyncio.open_unix_connection(path))
        with pytest.raises(ResourceWarning, match="unclosed resource <UnixTransport"):
            loop.close()
    assert connection
