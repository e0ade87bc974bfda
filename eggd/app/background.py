"""Tasks that no response waits for: owned by the app, logged, awaited at its end (core:BG-1..4)."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from eggd.app.context import Context, current


class Background:
    """The background tasks of one app."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, function: Callable[..., Any], ctx: Context, name: str = "") -> None:
        """Run a sync or async function with `ctx` as the current context; it starts later.

        It is given ctx if it must have an argument. What it raises is logged, never raised.
        """
        title = name or task_name(function)
        task = asyncio.get_running_loop().create_task(_logged(function, ctx, title))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self, limit: float) -> None:
        """Wait for the tasks, also for those they start, for `limit` seconds; then cancel them."""
        loop = asyncio.get_running_loop()
        until = loop.time() + limit
        while (tasks := self._others()) and loop.time() < until:
            await asyncio.wait(tasks, timeout=until - loop.time())
        for task in self._others():
            task.cancel()

    def _others(self) -> set[asyncio.Task[None]]:
        return self._tasks - {asyncio.current_task()}


def task_name(function: Callable[..., Any]) -> str:
    """Return what a function is called in the log: its own name, else file and line (BG-3)."""
    while isinstance(function, partial):
        function = function.func
    name = getattr(function, "__qualname__", type(function).__qualname__).rpartition("<locals>.")[2]
    code = getattr(function, "__code__", None)
    if "<lambda>" in name and code is not None:
        return f"{Path(code.co_filename).name}:{code.co_firstlineno}"
    return name


def wants_argument(function: Callable[..., Any]) -> bool:
    """Return whether a function must have an argument; one with a default is its own affair."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:  # a builtin that does not tell
        return False
    first = parameters[0] if parameters else None
    return (
        first is not None
        and first.kind in (first.POSITIONAL_ONLY, first.POSITIONAL_OR_KEYWORD)
        and first.default is first.empty
    )


async def _logged(function: Callable[..., Any], ctx: Context, title: str) -> None:
    current.set(ctx)
    began = perf_counter()
    try:
        result = function(ctx) if wants_argument(function) else function()
        if inspect.isawaitable(result):
            await result
    except Exception as exc:
        ctx.core_logger.info("[egg:background] task:%s fail (%dms)", title, _spent(began))
        ctx.logger.error(exc)
    else:
        ctx.core_logger.info("[egg:background] task:%s success (%dms)", title, _spent(began))


def _spent(began: float) -> int:
    return int((perf_counter() - began) * 1000)
