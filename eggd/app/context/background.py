"""Tasks that no response waits for; the app logs them and waits for them when it closes (BG-*)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Protocol

from eggd.app.context.context import Context, current
from eggd.calling import arity, call
from eggd.log import Logger

Failed = Callable[[BaseException, Context | None], None]


class Logs(Protocol):
    """The owner of a task's loggers: a context, or the app itself."""

    @property
    def logger(self) -> Logger:
        """Logs the exception of a task."""
        ...

    @property
    def core_logger(self) -> Logger:
        """Logs the end of a task."""
        ...


class Background:
    """The background tasks of one app; `failed` is called with the error of a task and its ctx."""

    def __init__(self, app: Logs, failed: Failed = lambda error, ctx: None) -> None:
        self._app = app
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, function: Callable[..., object], ctx: Context | None, name: str = "") -> None:
        """Runs a sync or async function after the current code, with `ctx` as the current context.

        A function with a required argument is called with ctx. Its exception is logged, not raised.
        """
        title = name or task_name(function)
        call = partial(function, ctx) if arity(function) else function
        if ctx is None:
            work = self._logged(call, None, title)
        else:
            work = _with(ctx, self._logged(call, ctx, title))
        self.keep(work, title)

    def keep(self, work: Coroutine[object, object, None], name: str) -> None:
        """Runs a coroutine that never raises as a task; closing the app waits for it."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def wait(self, limit: float) -> list[str]:
        """Waits for the tasks, also for those they start, for `limit` seconds.

        Returns the names of those that are not done.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + limit
        while (tasks := self._others()) and loop.time() < until:
            await asyncio.wait(tasks, timeout=until - loop.time())
        return sorted(task.get_name() for task in self._others())

    async def end(self, limit: float) -> None:
        """Waits for the tasks and those they start for `limit` seconds; then cancels them."""
        await self.wait(limit)
        for task in self._others():
            task.cancel()

    async def _logged(
        self, function: Callable[[], object], ctx: Context | None, title: str
    ) -> None:
        log, began = ctx or self._app, perf_counter()
        try:
            await call(function)
        except (Exception, SystemExit) as exc:
            log.core_logger.info("[egg:background] task:%s fail (%dms)", title, _spent(began))
            log.logger.error(exc)
            self._failed(exc, ctx)
        else:
            log.core_logger.info("[egg:background] task:%s success (%dms)", title, _spent(began))

    def _others(self) -> set[asyncio.Task[None]]:
        return self._tasks - {asyncio.current_task()}


def task_name(function: Callable[..., object]) -> str:
    """Returns a function's name for the log: its own, or file and line (BG-3)."""
    while isinstance(function, partial):
        function = function.func
    name = getattr(function, "__qualname__", type(function).__qualname__).rpartition("<locals>.")[2]
    code = getattr(function, "__code__", None)
    if "<lambda>" in name and code is not None:
        return f"{Path(code.co_filename).name}:{code.co_firstlineno}"
    return name


async def _with(ctx: Context, work: Awaitable[None]) -> None:
    current.set(ctx)
    await work


def _spent(began: float) -> int:
    return int((perf_counter() - began) * 1000)
