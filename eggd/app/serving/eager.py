# pyright: reportAttributeAccessIssue=false
"""Starts a coroutine at once, in a real task: no trip through the loop, and mostly no new task.

Most requests never suspend, and creating a task for one of them takes a fifth of its time. So one
spare task is kept. A coroutine runs to its first suspension as this task. If it ends there, the
task is still untouched, and serves the next one; else the task takes the coroutine over.
`asyncio.current_task()` is the same `asyncio.Task` from the first line to the last, so timeouts,
task groups, and cancellation work anywhere.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
from asyncio.tasks import _enter_task, _leave_task, _register_task, _unregister_task
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from sys import getrefcount
from types import coroutine
from weakref import getweakrefcount, ref

Work = Coroutine[object, object, None]

_NAME = "request"
"""The name of all these tasks; the default has a number, and formatting it takes time."""

_ENDED = object()


def eager_starter(loop: asyncio.AbstractEventLoop) -> Callable[[Work], asyncio.Task[None] | None]:
    """Returns a function that starts a coroutine in `loop`, which must be running.

    The function returns the task of a coroutine that suspended or raised an exception, and None for
    one that has already ended. The coroutine sees the context variables of the time when the
    starter was made, not those of the running callback, which may belong to another request.
    """
    copy = contextvars.copy_context().copy
    spare = _Spare(loop, copy())

    def start(work: Work) -> asyncio.Task[None] | None:
        nonlocal spare
        used, context = spare, copy()
        task = used.task
        try:
            _enter_task(loop, task)
        except RuntimeError:  # the callback runs within another task
            return loop.create_task(work, name=_NAME, context=context)
        used.list()
        used.work = work
        try:
            waits_for = context.run(used.send, None)
        except BaseException as exc:
            waits_for = exc
        used.unlist()
        _leave_task(loop, task)
        has_ended = waits_for is _ENDED
        if has_ended and getrefcount(task) == used.references and used.is_untouched():
            return None
        spare = _Spare(loop, copy())
        used.take_over(waits_for, context)
        return None if has_ended else task

    return start


class _Spare:
    """A task whose first step takes over a coroutine that has already begun."""

    __slots__ = (
        *("_context", "_step", "_throw", "_waits_for", "_work_context"),
        *("list", "references", "send", "task", "unlist", "weak_references", "work"),
    )

    task: asyncio.Task[None]
    references: int
    """The references to an untouched task; two of them are those of `start` itself."""
    work: Work
    """The coroutine that the next `send` begins."""
    send: Callable[[None], object]
    """Runs `work` until it suspends; returns the object that it waits for, or `_ENDED`."""
    list: Callable[[], None]
    """Adds the task to those that `asyncio.all_tasks()` returns."""
    unlist: Callable[[], None]

    def __init__(self, loop: asyncio.AbstractEventLoop, context: contextvars.Context) -> None:
        self._context = context
        runner = _run_each(self)
        self.send, self._throw = runner.send, runner.throw
        follow = self._follow()
        follow.send(None)  # to the first yield: what is thrown into the task arrives there
        task, self._step = _task_and_step(loop, follow, context)
        # The task may never run: nothing may wait for it, nor complain when it goes.
        _unregister_task(task)
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        self.task = task
        self.list, self.unlist = _listing(task)
        self.references, self.weak_references = getrefcount(task), getweakrefcount(task)

    def is_untouched(self) -> bool:
        """Whether nothing is left of the coroutine that ran as this task.

        Objects that refer to it, such as a key of a dictionary, were counted before.
        """
        task = self.task
        return (
            getweakrefcount(task) == self.weak_references
            and task._callbacks is None
            and not task._must_cancel
            and task.get_name() is _NAME
        )

    def take_over(self, waits_for: object, context: contextvars.Context) -> None:
        """Lets the task go on with work that waits for an object, has raised one, or has ended."""
        self._waits_for, self._work_context = waits_for, context
        _register_task(self.task)
        self.task._log_destroy_pending = True  # type: ignore[attr-defined]
        self._context.run(self._step)

    async def _follow(self) -> None:
        await self

    def __await__(self) -> Generator[object, None, None]:
        """Runs the work from its first suspension to its end, each step in its own context."""
        canceled: BaseException | None = None
        try:
            yield None
        except asyncio.CancelledError as exc:  # the work canceled its task before it suspended
            canceled = exc
        result = self._waits_for
        if isinstance(result, BaseException):
            raise result
        if canceled is not None and isinstance(result, asyncio.Future) and result.cancel():
            canceled = None  # comes back as the result of the future
        run = self._work_context.run
        while result is not _ENDED:
            try:
                if canceled is not None:
                    raise canceled
                yield result
            except BaseException as exc:
                canceled = None
                result = run(self._throw, exc)
            else:
                result = run(self.send, None)
        if canceled is not None:
            raise canceled


@coroutine
def _run_each(spare: _Spare) -> Generator[object, None, None]:
    """Runs each `work` of the spare, and yields `_ENDED` after it.

    An end by StopIteration, as `work.send` itself has it, would cost 5,000 instructions.
    """
    while True:
        yield from spare.work
        yield _ENDED


if sys.version_info >= (3, 12):

    def _listing(task: asyncio.Task[None]) -> tuple[Callable[[], None], Callable[[], None]]:
        """Returns the functions that add a task to those of `all_tasks`, and remove it."""
        from asyncio.tasks import _register_eager_task, _unregister_eager_task

        return partial(_register_eager_task, task), partial(_unregister_eager_task, task)

else:

    def _listing(task: asyncio.Task[None]) -> tuple[Callable[[], None], Callable[[], None]]:
        """Returns the functions that add a task to those of `all_tasks`, and remove it."""
        # Straight to the set of the WeakSet, whose methods take 2,000 instructions each. With its
        # callback, the reference is not the one that other code gets.
        listed, tasks = ref(task, lambda _: None), asyncio.tasks._all_tasks.data  # type: ignore[attr-defined]
        return partial(tasks.add, listed), partial(tasks.discard, listed)


def _task_and_step(
    loop: asyncio.AbstractEventLoop, work: Work, context: contextvars.Context
) -> tuple[asyncio.Task[None], Callable[[], None]]:
    """Returns a new task and its first step, which a task hands to the `call_soon` of its loop."""
    steps: list[Callable[[], None]] = []

    def catch(step: Callable[[], None], *, context: object = None) -> None:
        steps.append(step)

    instance = vars(loop)
    instance["call_soon"] = catch
    try:
        task = asyncio.Task(work, loop=loop, name=_NAME, context=context)
    finally:
        del instance["call_soon"]
    return task, steps[0]
