"""A request starts at once, in a task like any other (architecture 6; core:X-5, STO-2)."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from eggd.app.serving.eager import eager_starter
from tests.app.serving import LOOPS, Loop

Starter = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
var: contextvars.ContextVar[int] = contextvars.ContextVar("var", default=0)


def in_callback(loop: Loop, scenario: Callable[[Starter], asyncio.Task[None]]) -> None:
    """Runs `scenario` as the loop runs a protocol: in a callback, outside any task."""

    async def main() -> None:
        running = asyncio.get_running_loop()
        box: asyncio.Future[asyncio.Task[None]] = running.create_future()
        running.call_soon(lambda: box.set_result(scenario(eager_starter(running))))
        await (await box)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())


@pytest.fixture(params=LOOPS, ids=["uvloop", "asyncio"])
def loop(request: pytest.FixtureRequest) -> Loop:
    made: Loop = request.param
    return made


def test_a_coroutine_that_never_suspends_is_done_at_once(loop: Loop) -> None:
    async def handler() -> None:
        assert asyncio.current_task() is not None

    def scenario(start: Starter) -> asyncio.Task[None]:
        task = start(handler())
        assert task.done()
        return task

    in_callback(loop, scenario)


def test_the_task_stays_the_same_after_suspending(loop: Loop) -> None:
    async def handler() -> None:
        before = asyncio.current_task()
        await asyncio.sleep(0)
        assert asyncio.current_task() is before

    in_callback(loop, lambda start: start(handler()))


def test_timeouts_and_groups_work_from_the_first_line(loop: Loop) -> None:
    async def handler() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.Event().wait()
        async with asyncio.TaskGroup() as group:
            first = group.create_task(asyncio.sleep(0, 1))
        assert first.result() == 1

    in_callback(loop, lambda start: start(handler()))


def test_cancelling_reaches_the_handler(loop: Loop) -> None:
    seen: list[str] = []

    async def handler() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")

    def scenario(start: Starter) -> asyncio.Task[None]:
        task = start(handler())
        task.cancel()
        return task

    in_callback(loop, scenario)
    assert seen == ["cancelled"]


def test_context_variables_stay_with_their_request(loop: Loop) -> None:
    async def handler(value: int) -> None:
        assert var.get() == 0
        var.set(value)
        await asyncio.sleep(0)
        assert var.get() == value

    def scenario(start: Starter) -> asyncio.Task[None]:
        first = start(handler(1))
        assert not first.done()
        assert var.get() == 0
        return start(handler(2))

    in_callback(loop, scenario)


def test_inside_another_task_it_is_an_ordinary_one(loop: Loop) -> None:
    async def inner() -> None:
        assert asyncio.current_task() is not None

    def scenario(start: Starter) -> asyncio.Task[None]:
        async def outer() -> None:
            await start(inner())

        return start(outer())

    in_callback(loop, scenario)
