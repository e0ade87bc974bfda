"""An idle messenger does not wake the loop, and a busy one does not block it."""

from __future__ import annotations

import asyncio
import selectors
import socket

from eggd.messenger.inbox import bind
from eggd.wire import datagram
from eggd.wire.datagram import Sender
from tests.messenger.conftest import Bus

START = datagram.head(Sender("worker", 9, 1))


class IdleSelector(selectors.EpollSelector):
    """Sends a byte when the loop goes to sleep with no timer and nothing to write."""

    def __init__(self, bell: socket.socket) -> None:
        super().__init__()
        self.bell = bell
        self.armed = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        writing = [key for key in self.get_map().values() if key.events & selectors.EVENT_WRITE]
        if self.armed and timeout is None and not writing:
            self.armed = False
            self.bell.send(b"!")
        return super().select(timeout)


def test_an_idle_messenger_never_wakes(bus: Bus) -> None:
    woken, bell = socket.socketpair()
    woken.setblocking(False)
    selector = IdleSelector(bell)

    async def scenario() -> None:
        agent, *_ = await bus.suite(3)
        agent.broadcast("hi", "x" * 100_000)
        selector.armed = True
        assert await asyncio.get_running_loop().sock_recv(woken, 1) == b"!"
        bus.close()

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        runner.run(scenario())
    woken.close()
    bell.close()


async def test_an_async_handler_takes_its_first_step_before_the_next_datagram(bus: Bus) -> None:
    one = await bus.worker(1)
    received: list[int] = []
    done = asyncio.Event()

    async def handler(data: int) -> None:
        received.append(one.stats.received)
        if data == 9:
            done.set()

    one.on("n", handler)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect(bus.path(1))
        for number in range(10):
            sock.send(datagram.pack(START, number, [datagram.encode("n", number)]))
    await done.wait()
    assert received == list(range(1, 11))


async def test_a_flood_leaves_the_loop_to_others(bus: Bus) -> None:
    one = await bus.worker(1)
    heard = bus.hear(one, "n")
    frame = datagram.pack(START, 0, [datagram.encode("n")] * 200)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect(bus.path(1))
        for _ in range(6):
            sock.send(frame)
    turns = []
    while len(heard.data) < 1200:
        await asyncio.sleep(0)
        turns.append(len(heard.data))
    assert max(after - before for before, after in zip([0, *turns], turns, strict=False)) <= 400


async def test_a_handler_may_close_the_messenger(bus: Bus) -> None:
    one = await bus.worker(1)
    closed = asyncio.Event()
    one.on("bye", lambda data: one.close()).on("bye", lambda data: closed.set())
    heard = bus.hear(one, "hi")
    with bind(str(bus.directory / "x")) as sock:
        sock.connect(bus.path(1))
        for action in ("bye", "hi"):
            sock.send(datagram.pack(START, 0, [datagram.encode(action)] * 2))
    await closed.wait()
    assert heard.data == []


async def test_the_inbox_is_read_to_its_end_after_an_async_handler(bus: Bus) -> None:
    one = await bus.worker(1)
    done, empty = asyncio.Event(), asyncio.Event()

    async def handler(data: object) -> None:
        done.set()

    one.on("n", handler)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect(bus.path(1))
        sock.send(datagram.pack(START, 0, [datagram.encode("n")]))
    assert one._mailbox
    one._mailbox.when_empty(empty.set)
    await asyncio.wait_for(empty.wait(), 20)
    assert done.is_set()
