"""Calls in threads that a cancelled caller, or a block, waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")


async def in_thread(function: Callable[[], T], threads: Executor | None = None) -> T:
    """Returns the result of `function()`, run in one of `threads`, by default the loop's.

    A cancelled call, however often it is cancelled, ends when the thread has ended: files and
    descriptors that the function uses may then be closed. Raises as the function.
    """
    running = asyncio.get_running_loop().run_in_executor(threads, function)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            try:
                await asyncio.wait({running})
            except asyncio.CancelledError:
                continue
        if not running.cancelled():
            running.exception()  # else it would be logged as never retrieved
        raise


@contextmanager
def beside(work: Callable[[Event], None]) -> Iterator[None]:
    """Runs `work(ended)` in a thread beside the block; it must return soon after `ended` is set."""
    ended = Event()
    thread = Thread(target=work, args=(ended,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
