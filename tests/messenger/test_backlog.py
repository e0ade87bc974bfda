"""A flood for async handlers is bounded: messages wait in order, then the socket is not read."""

from __future__ import annotations

import asyncio

import pytest

from eggd.errors import NoPeerError, OutboxFullError
from eggd.messenger import Messenger
from tests.messenger.conftest import Bus


class Gate:
    """An async handler that waits until it is opened; counts the calls that run together."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.begun: list[object] = []
        self.running = self.most = 0
        self._more = asyncio.Event()

    async def __call__(self, data: object) -> None:
        self.begun.append(data)
        self._more.set()
        self.running += 1
        self.most = max(self.most, self.running)
        await self.opened.wait()
        self.running -= 1

    async def count(self, number: int) -> list[object]:
        """Waits until `number` calls have begun, and returns their data."""
        async with asyncio.timeout(30):
            while len(self.begun) < number:
                self._more.clear()
                await self._more.wait()
        return self.begun


async def test_messages_wait_in_order_for_async_handlers(bus: Bus) -> None:
    """Also those for other handlers: no message overtakes one of the same process (IPC-9)."""
    agent, one = await bus.agent(max_handlers=3), await bus.worker(1)
    gate, heard = Gate(), bus.hear(agent, "plain")
    agent.on("n", gate)
    for number in range(2000):
        one.send_to_agent("n", number)
    one.send_to_agent("plain", len(gate.begun))
    await gate.count(3)
    await until_waiting(agent, 1998)
    assert agent.figures["handlers"] == {"running": 3, "waiting": 1998}
    assert heard.data == []
    gate.opened.set()
    assert await gate.count(2000) == list(range(2000))
    assert await heard.count(1) == [0]
    assert gate.most == 3
    (line,) = [text for _, text in bus.lines if "async handlers" in text]
    assert line == (
        "messenger: 3 async handlers run: further messages wait for their end (last action: 'n')"
    )


async def flood(sender: Messenger, count: int) -> None:
    """Sends numbers to the agent, each in a tick of its own."""
    for number in range(count):
        sender.send_to_agent("n", number)
        await asyncio.sleep(0)


async def until_waiting(agent: Messenger, number: int) -> None:
    """Lets the loop turn until that many messages wait, which has no event."""
    async with asyncio.timeout(30):
        while agent.figures["handlers"] != {"running": 3, "waiting": number}:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_a_full_backlog_holds_the_senders_back(bus: Bus) -> None:
    """The process reads no more, the sender gets an error; later all accepted ones arrive."""
    agent = await bus.agent(max_handlers=3, outbox_messages=20)
    one = await bus.worker(1, outbox_messages=20)
    gate = Gate()
    agent.on("n", gate)
    with pytest.raises(OutboxFullError):
        await flood(one, 50_000)
    sent = one.stats.sent + one._outboxes.waiting["agent"]  # type: ignore[union-attr]
    assert gate.begun == [0, 1, 2]
    gate.opened.set()
    assert await gate.count(sent) == list(range(sent))
    one.send_to_agent("n", "after")
    assert (await gate.count(sent + 1))[-1] == "after"


async def test_answers_pass_messages_that_wait(bus: Bus) -> None:
    """A handler may ask another process, however many messages wait (no deadlock)."""
    agent, one, _ = await bus.suite(2)
    agent._reception.backlog.config = bus.config(max_handlers=2)
    answers: asyncio.Queue[object] = asyncio.Queue()
    one.on_request("double", lambda data: data * 2)

    async def ask(data: int) -> None:
        answers.put_nowait(await agent.request("double", data, slot=1, timeout=30))

    agent.on("n", ask)
    for number in range(500):
        one.send_to_agent("n", number)
    async with asyncio.timeout(30):
        seen = [await answers.get() for _ in range(500)]
    assert sorted(map(int, map(str, seen))) == [2 * number for number in range(500)]


async def test_a_process_that_floods_itself_gets_an_error(bus: Bus) -> None:
    agent = await bus.agent(max_handlers=1, outbox_messages=5)
    gate = Gate()
    agent.on("n", gate)
    with pytest.raises(OutboxFullError, match="too many messages to itself"):
        await flood(agent, 100)
    gate.opened.set()
    await gate.count(6)
    assert agent.stats.rejected == 1


async def test_before_the_agent_receives_a_request_is_an_error_at_once(bus: Bus) -> None:
    """In a hook such as `did_load` no answer can arrive: it would only time out."""
    await bus.worker(1)
    agent = Messenger("agent", 0, bus.config(), bus.log)
    await agent.open(receive=False)
    for options in ({"slot": 1}, {}, {"to": 1}):
        with pytest.raises(NoPeerError, match=r"before it has loaded its app .*server_did_ready"):
            await agent.request("price", **options)
    agent.close()
