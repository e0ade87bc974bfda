"""A request starts at once, in a task like any other (architecture 6; core:X-5, STO-2)."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import weakref
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from eggd.app.serving.eager import eager_starter
from tests.app.serving import LOOPS, Loop

Task = asyncio.Task[None]
Starter = Callable[[Coroutine[Any, Any, None]], Task | None]
var: contextvars.ContextVar[int] = contextvars.ContextVar("var", default=0)


def in_callback(loop: Loop, scenario: Callable[[Starter], Task | None]) -> None:
    """Runs `scenario` as the loop runs a protocol: in a callback, outside any task."""

    async def main() -> None:
        running = asyncio.get_running_loop()
        box: asyncio.Future[Task | None] = running.create_future()

        def run() -> None:
            try:
                box.set_result(scenario(eager_starter(running)))
            except BaseException as exc:
                box.set_exception(exc)

        running.call_soon(run)
        if task := await box:
            await task

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())


def current() -> Task:
    """Returns the task that runs now."""
    task = asyncio.current_task()
    assert task is not None
    return task


@pytest.fixture(params=LOOPS, ids=["uvloop", "asyncio"])
def loop(request: pytest.FixtureRequest) -> Loop:
    made: Loop = request.param
    return made


def test_a_coroutine_that_never_suspends_ends_at_once(loop: Loop) -> None:
    seen: list[str] = []

    async def handler() -> None:
        seen.append(current().get_name())

    def scenario(start: Starter) -> None:
        assert start(handler()) is None
        assert seen == ["request"]

    in_callback(loop, scenario)


def test_the_task_stays_the_same_after_suspending(loop: Loop) -> None:
    async def handler() -> None:
        before = current()
        for _ in range(3):
            await asyncio.sleep(0)
            assert current() is before
            assert before in asyncio.all_tasks()

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


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_cancellation_reaches_the_handler(loop: Loop, steps: int) -> None:
    seen: list[str] = []

    async def handler() -> None:
        for _ in range(steps):
            await asyncio.sleep(0)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("canceled")

    def scenario(start: Starter) -> Task | None:
        task = start(handler())
        assert task is not None
        asyncio.get_running_loop().call_later(0.01, task.cancel)
        return task

    in_callback(loop, scenario)
    assert seen == ["canceled"]


async def _event() -> None:
    await asyncio.Event().wait()


async def _inner_task() -> None:
    inner = asyncio.ensure_future(_event())
    try:
        await inner
    finally:
        assert inner.cancelled()


async def _turn() -> None:
    """Waits for the next turn of the loop, and for no future that could bring the cancellation."""
    await asyncio.sleep(0)
    raise AssertionError("not canceled")


@pytest.mark.parametrize("waiting", [_event, _inner_task, _turn])
def test_a_handler_that_cancels_itself_is_canceled_where_it_suspends(
    loop: Loop, waiting: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    seen: list[str] = []

    async def handler() -> None:
        current().cancel()
        try:
            await waiting()
        except asyncio.CancelledError:
            seen.append("canceled")
            raise

    def scenario(start: Starter) -> None:
        task = start(handler())
        assert task is not None
        task.add_done_callback(lambda task: seen.append(str(task.cancelled())))

    in_callback(loop, scenario)
    assert seen in (["canceled"], ["canceled", "True"])


def test_an_exception_stays_with_its_task(loop: Loop) -> None:
    async def fails(suspends: bool) -> None:
        if suspends:
            await asyncio.sleep(0)
        raise ValueError(suspends)

    def scenario(start: Starter) -> Task | None:
        return start(fails(suspends))

    for suspends in (False, True):
        with pytest.raises(ValueError, match=str(suspends)):
            in_callback(loop, scenario)


def test_context_variables_stay_with_their_request(loop: Loop) -> None:
    async def handler(value: int, steps: int) -> None:
        assert var.get() == 0
        var.set(value)
        for _ in range(steps):
            await asyncio.sleep(0)
            assert var.get() == value

    def scenario(start: Starter) -> Task | None:
        assert start(handler(1, 0)) is None
        first = start(handler(2, 2))
        assert first is not None
        assert not first.done()
        assert var.get() == 0
        return start(handler(3, 2))

    in_callback(loop, scenario)


def test_inside_another_task_it_is_an_ordinary_one(loop: Loop) -> None:
    async def inner() -> None:
        assert current().get_name() == "request"

    def scenario(start: Starter) -> Task | None:
        async def outer() -> None:
            task = start(inner())
            assert task is not None
            await task

        return start(outer())

    in_callback(loop, scenario)


kept: dict[Task, str] = {}
weakly: weakref.WeakKeyDictionary[Task, str] = weakref.WeakKeyDictionary()
called: list[bool] = []


def _keep(task: Task) -> None:
    kept[task] = "state"


def _keep_weakly(task: Task) -> None:
    weakly[task] = "state"


def _await_the_end(task: Task) -> None:
    task.add_done_callback(lambda task: called.append(task.done()))


def _cancel(task: Task) -> None:
    task.cancel()


def _cancel_and_take_back(task: Task) -> None:
    task.cancel()
    task.uncancel()


def _rename(task: Task) -> None:
    task.set_name("mine")


@pytest.mark.parametrize(
    "touch", [_keep, _keep_weakly, _await_the_end, _cancel, _cancel_and_take_back, _rename]
)
def test_a_request_inherits_nothing_from_the_one_before(
    loop: Loop, touch: Callable[[Task], None]
) -> None:
    """A task that a handler has left a trace on is not used again."""
    kept.clear()
    weakly.clear()
    called.clear()

    async def first() -> None:
        touch(current())

    async def second() -> None:
        task = current()
        assert task not in kept
        assert task not in weakly
        assert (task.get_name(), task.cancelling()) == ("request", 0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert called == [True] * (touch is _await_the_end)

    def scenario(start: Starter) -> Task | None:
        assert start(first()) is None
        assert all(task.done() for task in kept)
        return start(second())

    in_callback(loop, scenario)


def test_an_untouched_task_serves_the_next_request(loop: Loop) -> None:
    """Creating a task would take a fifth of the time of a small request."""
    ids: set[int] = set()

    async def handler() -> None:
        ids.add(id(current()))

    def scenario(start: Starter) -> None:
        others = [asyncio.get_running_loop().create_future() for _ in range(3)]
        assert [start(handler()) for _ in others] == [None] * 3
        assert len(ids) == 1

    in_callback(loop, scenario)


def test_the_spare_task_delays_no_end_and_complains_of_nothing(
    loop: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    """`all_tasks` is what `asyncio.run` cancels and awaits at its end."""

    async def handler() -> None:
        return None

    def scenario(start: Starter) -> None:
        assert start(handler()) is None
        assert len(asyncio.all_tasks()) == 1

    in_callback(loop, scenario)
    gc.collect()
    assert caplog.records == []
