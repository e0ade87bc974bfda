"""Requests and their answers between processes, with a typed error for each failure."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from eggd.errors import (
    HandlerFailedError,
    HttpError,
    MessageTooLargeError,
    MessengerError,
    NoHandlerError,
    NoPeerError,
    OutboxFullError,
    RequestTimeoutError,
)
from eggd.messenger import Messenger, local_pair
from tests.messenger.conftest import Bus

Handler = Callable[..., object]


class Slow:
    """An async handler that notes its beginning and its cancellation, and waits for `go`."""

    def __init__(self) -> None:
        self.started, self.cancelled, self.go = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def __call__(self, data: object) -> object:
        self.started.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return data


async def soon(awaitable: Awaitable[Any]) -> Any:
    """Returns the result, which must not need the time limit of the request."""
    return await asyncio.wait_for(awaitable, 20)


async def later(data: int) -> int:
    await asyncio.sleep(0)
    return data * 2


@pytest.mark.parametrize("handler", [lambda data: data * 2, later], ids=["sync", "async"])
async def test_a_worker_asks_the_agent(bus: Bus, handler: Handler) -> None:
    agent, one = await bus.suite(1)
    agent.on_request("double", handler)
    assert await one.request("double", 21) == 42


async def test_the_agent_asks_one_ready_worker(bus: Bus) -> None:
    agent, one, two = await bus.suite(2)
    changes = bus.hear(agent, "egg-pids")
    two.announce("leaving")
    await changes.count(1)
    one.on_request("slot", lambda data: 1)
    two.on_request("slot", lambda data: 2)
    assert [await agent.request("slot") for _ in range(10)] == [1] * 10


@pytest.mark.parametrize("asker", [0, 1, 2], ids=["agent", "another worker", "itself"])
async def test_a_worker_is_asked_by_its_slot(bus: Bus, asker: int) -> None:
    everyone = await bus.suite(2)
    everyone[2].on_request("who", lambda data, sender: list(sender))
    answer = await everyone[asker].request("who", slot=2)
    assert answer == [*everyone[asker]._me[:2], os.getpid()]


async def test_a_handler_gets_the_data_as_json_and_so_does_the_caller(bus: Bus) -> None:
    agent, one = await bus.suite(1)
    agent.on_request("type", lambda data: (type(data).__name__, data))
    assert await one.request("type", (1, float("nan"))) == ["list", [1, None]]


async def test_answers_may_come_in_another_order(bus: Bus) -> None:
    agent, one = await bus.suite(1)
    slow = Slow()
    agent.on_request("slow", slow).on_request("fast", lambda data: data)
    waiting = asyncio.ensure_future(one.request("slow", 1))
    assert await one.request("fast", 2) == 2
    slow.go.set()
    assert await waiting == 1


@pytest.mark.parametrize("size", [70_000, 2_000_000])
async def test_large_requests_and_answers(bus: Bus, size: int) -> None:
    agent, one = await bus.suite(1)
    agent.on_request("echo", lambda data: data)
    assert await one.request("echo", "ä" * size) == "ä" * size


def failing(data: object) -> None:
    raise KeyError("sku")


async def failing_later(data: object) -> None:
    await asyncio.sleep(0)
    raise KeyError("sku")


@pytest.mark.parametrize("handler", [failing, failing_later])
async def test_an_exception_crosses_with_its_type_and_text(bus: Bus, handler: Handler) -> None:
    agent, one = await bus.suite(1)
    agent.on_request("price", handler)
    pid = os.getpid()
    with pytest.raises(HandlerFailedError) as failure:
        await one.request("price")
    assert failure.value.line == f"request 'price' to the agent (pid {pid}): KeyError: 'sku'"
    assert (failure.value.type_name, failure.value.reason) == ("KeyError", "'sku'")
    level, text = bus.lines[0]
    assert level == "error"
    assert text.startswith("messenger: the handler of request 'price' failed: Traceback")


async def test_an_expected_error_is_not_logged_where_it_is_raised(bus: Bus) -> None:
    agent, one = await bus.suite(1)

    def handler(data: object) -> None:
        raise HttpError(404, "no such article")

    agent.on_request("price", handler)
    with pytest.raises(HandlerFailedError, match="HttpError: no such article"):
        await one.request("price")
    assert bus.lines == []


async def test_an_answer_that_json_cannot_hold_is_a_failure(bus: Bus) -> None:
    agent, one = await bus.suite(1)
    agent.on_request("set", lambda data: {1, 2})
    with pytest.raises(HandlerFailedError, match="data of 'set' is not JSON"):
        await one.request("set")


async def test_without_a_handler_the_nearest_action_is_named(bus: Bus) -> None:
    agent, one = await bus.suite(1)
    agent.on_request("price", lambda data: 1)
    with pytest.raises(NoHandlerError, match=r"'prize' .* no handler \(did you mean 'price'\?\)"):
        await one.request("prize")
    agent.remove_request_handler("price")
    with pytest.raises(NoHandlerError):
        await one.request("price")


async def test_a_second_handler_is_an_error(bus: Bus) -> None:
    one = await bus.worker(1)
    one.on_request("price", lambda data: 1)
    with pytest.raises(MessengerError, match="'price' has a handler already"):
        one.on_request("price", lambda data: 2)


async def test_a_late_answer_is_an_error_and_its_handler_is_cancelled(bus: Bus) -> None:
    agent, one = await bus.suite(1)
    slow = Slow()
    agent.on_request("slow", slow)
    with pytest.raises(RequestTimeoutError, match=r"no answer within 0\.05 s"):
        await one.request("slow", timeout=0.05)
    if slow.started.is_set():
        await soon(slow.cancelled.wait())


async def test_a_cancelled_caller_cancels_the_handler(bus: Bus) -> None:
    agent, one = await bus.suite(1)
    slow = Slow()
    agent.on_request("slow", slow)
    waiting = asyncio.ensure_future(one.request("slow"))
    await soon(slow.started.wait())
    waiting.cancel()
    await soon(slow.cancelled.wait())
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    assert bus.lines == []


async def test_a_handler_that_cancels_itself_is_a_failure(bus: Bus) -> None:
    agent, one = await bus.suite(1)

    async def handler(data: object) -> None:
        raise asyncio.CancelledError

    agent.on_request("odd", handler)
    with pytest.raises(HandlerFailedError, match="CancelledError"):
        await one.request("odd")


async def test_a_request_above_the_cap_is_not_sent(bus: Bus) -> None:
    agent, one = await bus.agent(), await bus.worker(1, max_size=1000)
    agent.on_request("echo", lambda data: data)
    with pytest.raises(MessageTooLargeError, match=r"message 'echo' has 1.* bytes"):
        await one.request("echo", "x" * 1000)


async def test_an_answer_above_the_cap_is_an_error_of_the_caller(bus: Bus) -> None:
    agent, one = await bus.agent(max_size=1000), await bus.worker(1)
    agent.on_request("big", lambda data: "x" * 1000)
    with pytest.raises(MessageTooLargeError, match=r"request 'big' to the agent .* has 1.* bytes"):
        await one.request("big")


async def test_the_number_of_waiting_requests_is_limited(bus: Bus) -> None:
    agent, one = await bus.agent(), await bus.worker(1, max_requests=3)
    slow = Slow()
    agent.on_request("slow", slow)
    tasks = [asyncio.ensure_future(one.request("slow", number)) for number in range(4)]
    with pytest.raises(OutboxFullError, match="3 requests wait for an answer"):
        await tasks[3]
    slow.go.set()
    assert await soon(asyncio.gather(*tasks[:3])) == [0, 1, 2]
    assert await one.request("slow", 9) == 9


async def test_the_number_of_running_handlers_is_limited(bus: Bus) -> None:
    agent, one = await bus.agent(max_requests=2), await bus.worker(1)
    slow = Slow()
    agent.on_request("slow", slow)
    tasks = [asyncio.ensure_future(one.request("slow", number)) for number in range(3)]
    with pytest.raises(OutboxFullError, match="2 requests are running"):
        await tasks[2]
    slow.go.set()
    assert await soon(asyncio.gather(*tasks[:2])) == [0, 1]


async def test_without_a_ready_worker_the_agent_has_no_peer(bus: Bus) -> None:
    agent = await bus.agent()
    with pytest.raises(NoPeerError, match="no worker is ready"):
        await agent.request("x")


async def test_a_slot_without_a_process_is_an_error_at_once(bus: Bus) -> None:
    one = await bus.worker(1)
    with pytest.raises(NoPeerError, match="worker 7 is not running"):
        await soon(one.request("x", slot=7, timeout=60))


@pytest.mark.parametrize("pid", [1 << 22, str(1 << 22), -1, 0, 1 << 40])
async def test_a_pid_without_a_process_is_an_error_at_once(bus: Bus, pid: int | str) -> None:
    one = await bus.worker(1)
    with pytest.raises(NoPeerError, match=f"no process has the pid {pid}"):
        await soon(one.request("x", to=pid, timeout=60))


async def test_a_request_waits_for_an_absent_agent(bus: Bus) -> None:
    one = await bus.worker(1)
    waiting = asyncio.ensure_future(one.request("x", 5, timeout=60))
    await asyncio.sleep(0)
    agent = await bus.agent()
    agent.on_request("x", lambda data: data)
    assert await soon(waiting) == 5


async def test_an_agent_that_never_comes_is_no_peer(bus: Bus) -> None:
    one = await bus.worker(1)
    with pytest.raises(NoPeerError, match=r"the agent did not respond within 0\.05 s"):
        await one.request("x", timeout=0.05)


async def test_closing_ends_the_requests_of_both_sides(bus: Bus) -> None:
    agent, one = await bus.suite(1)
    slow = Slow()
    agent.on_request("slow", slow)
    one.on_request("slow", slow)
    asked = asyncio.ensure_future(one.request("slow", timeout=60))
    await soon(slow.started.wait())
    agent.close()
    with pytest.raises(NoPeerError, match="it ended before it answered"):
        await soon(asked)
    own = asyncio.ensure_future(one.request("slow", slot=1, timeout=60))
    await asyncio.sleep(0)
    one.close()
    with pytest.raises(NoPeerError, match="the messenger was closed"):
        await soon(own)
    with pytest.raises(NoPeerError, match="the messenger is closed"):
        await one.request("slow")


async def test_before_open_a_request_is_an_error(bus: Bus) -> None:
    with pytest.raises(MessengerError, match="request: the messenger is not open yet"):
        await Messenger("worker", 1, bus.config(), bus.log).request("x")


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("no time", {"timeout": 0}, "timeout=0 is not positive seconds"),
    ("negative", {"timeout": -1}, "timeout=-1 is not positive seconds"),
    ("not a number", {"timeout": float("nan")}, "timeout=nan is not positive seconds"),
    ("endless", {"timeout": None}, "timeout=None is not positive seconds"),
    ("long", {"timeout": 10**400}, "timeout=1000.* is more than 86400 seconds"),
    ("milliseconds", {"timeout": 100_000}, "is more than 86400 seconds .use seconds, not Egg's"),
    ("a bool", {"to": True}, "request: True: unknown receiver"),
    ("a name", {"to": "parent"}, "request: 'parent': unknown receiver"),
    ("all", {"to": "app"}, "request: 'app': unknown receiver"),
    ("both", {"to": 1, "slot": 1}, "to=1, slot=1: unknown receiver"),
    ("high", {"slot": 1000}, "slot=1000: unknown receiver"),
    ("text", {"slot": "1"}, "slot='1': unknown receiver"),
    ("data", {"data": {1}}, "data of 'x' is not JSON"),
]


@pytest.mark.parametrize(("name", "options", "text"), BAD, ids=[row[0] for row in BAD])
async def test_wrong_arguments(bus: Bus, name: str, options: dict[str, Any], text: str) -> None:
    _, one = await bus.suite(1)
    with pytest.raises(MessengerError, match=text):
        await one.request("x", **options)


@pytest.mark.parametrize("action", ["egg-request", "egg-answer", "egg-cancel", "egg-who"])
@pytest.mark.parametrize("data", [None, [], [1], {"a": 1}, [1, 2, 3], [1, "bad", "", ""], ["x"]])
async def test_malformed_requests_and_answers_are_ignored(
    bus: Bus, action: str, data: object
) -> None:
    agent, one = await bus.suite(1)
    agent.on_request("x", lambda data: data)
    one.send_to_agent(action, data).send_to_app(action, data)
    assert await one.request("x", 1) == 1
    assert bus.lines == []


@pytest.mark.parametrize("to", [None, "agent", 2, "pid"])
async def test_in_one_process(bus: Bus, to: str | int | None) -> None:
    app, agent = local_pair(bus.log)
    for each in (app, agent):
        await each.open()
    agent.on_request("x", lambda data: ["agent", data])
    app.on_request("x", lambda data: ["app", data])
    if to == 2:
        with pytest.raises(NoPeerError):
            await app.request("x", to=to)
    else:
        assert await app.request("x", 1, to=os.getpid() if to == "pid" else to) == ["agent", 1]
        assert await agent.request("x", 1) == ["app", 1]
        assert await agent.request("x", 1, slot=1) == ["app", 1]
    app.close()
    agent.close()
