"""Starts a coroutine at once, in a real task: no trip through the loop until it suspends.

Python 3.12 has this as `eager_start`; for 3.11 the first step, which the task hands to its loop's
`call_soon`, is caught there and run here. It is an ordinary `asyncio.Task` from its first line on,
so `current_task()`, `asyncio.timeout()`, task groups and cancellation work anywhere in it.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Callable, Coroutine


def eager_starter(
    loop: asyncio.AbstractEventLoop,
) -> Callable[[Coroutine[object, object, None]], asyncio.Task[None]]:
    """Returns a function that starts a coroutine in `loop`, which must be running.

    The returned task is done if the coroutine never suspended. The coroutine sees the context
    variables of the time when the starter was made, not those of the running callback, which may
    belong to another request.
    """
    copy = contextvars.copy_context().copy
    if sys.version_info >= (3, 12):
        return lambda coro: asyncio.Task(coro, loop=loop, eager_start=True, context=copy())
    return _catching_starter(loop, copy)


def _catching_starter(
    loop: asyncio.AbstractEventLoop, copy: Callable[[], contextvars.Context]
) -> Callable[[Coroutine[object, object, None]], asyncio.Task[None]]:
    caught: Callable[[], None] | None = None
    instance = vars(loop)
    current_task, new_task = asyncio.current_task, asyncio.Task  # looked up once

    def catch(step: Callable[[], None], *, context: object = None) -> None:
        nonlocal caught
        caught = step

    def start(coro: Coroutine[object, object, None]) -> asyncio.Task[None]:
        nonlocal caught
        context = copy()
        instance["call_soon"] = catch
        try:
            # The default name has a number, and formatting it takes time for every request.
            task = new_task(coro, loop=loop, context=context, name="request")
        finally:
            del instance["call_soon"]
        step, caught = caught, None
        assert step is not None  # a new task hands over its first step
        try:
            context.run(step)
        except RuntimeError:
            # A task may not be entered from within another. Asking for that beforehand takes 1,100
            # instructions; an exception of the coroutine itself is kept by the task.
            if current_task(loop) is None:
                raise
            loop.call_soon(step, context=context)
        return task

    return start
