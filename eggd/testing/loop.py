"""The event loop of all apps of a test session, on a thread of its own.

Tests never run on it: a plain test blocks in `run`, a test on another loop awaits `call`.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Coroutine
from typing import TypeVar

import uvloop

from eggd.errors import ArgumentError

__tracebackhide__ = True  # pytest shows the line of the test instead

T = TypeVar("T")

NewLoop = Callable[[], asyncio.AbstractEventLoop]


class AppLoop:
    """The loop, from its start to `close`."""

    def __init__(self, new_loop: NewLoop = uvloop.new_event_loop) -> None:
        self.loop = new_loop()
        # Exceptions of tasks that were never awaited.
        self.errors: list[str] = []
        # Seconds after the limit of a call at which the loop itself counts as blocked.
        self.patience = 5.0
        self.loop.set_exception_handler(self._unseen)
        self._thread = threading.Thread(target=self._serve, name="eggd-app", daemon=True)
        self._thread.start()

    @property
    def inside(self) -> bool:
        """True on this loop's thread."""
        return threading.current_thread() is self._thread

    def run(self, work: Coroutine[object, object, T], limit: float = 30.0) -> T:
        """Returns the result of `work`, run in the caller's context; the calling thread waits.

        Raises the exceptions of `work`, TimeoutError after `limit` seconds, also if a call blocks
        the loop, and ArgumentError on the loop's own thread, which would wait for itself.
        """
        _check_coroutine(work)
        if self.inside:
            work.close()
            raise ArgumentError(
                "a blocking call on the app's own loop would wait for itself",
                hint="use `async_client`, or `await running_app.call(...)`",
            )
        done = asyncio.run_coroutine_threadsafe(_limited(work, limit), self.loop)
        try:
            error = done.exception(limit + self.patience)
        except TimeoutError:
            raise TimeoutError(f"the app's loop is blocked:\n{self._where()}") from None
        finally:
            done.cancel()
        if error is not None:
            raise error
        return done.result()

    async def call(self, work: Coroutine[object, object, T], limit: float = 30.0) -> T:
        """Returns the result of `work`, run on this loop; the caller may be on any asyncio loop.

        Raises the exceptions of `work`, and TimeoutError after `limit` seconds.
        """
        _check_coroutine(work)
        if self.inside:
            return await _limited(work, limit)
        done = asyncio.run_coroutine_threadsafe(_limited(work, limit), self.loop)
        return await asyncio.wrap_future(done)

    def close(self) -> None:
        """Ends the loop and its thread; warns of each connection that is still open.

        uvloop warns while it closes them. Where warnings are errors that one would stay open, and
        uvloop would wait for its end for ever: so the warnings come after it.
        """
        self.run(self.loop.shutdown_asyncgens())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(self.patience)
        with warnings.catch_warnings(record=True) as unclosed:
            warnings.simplefilter("always", ResourceWarning)
            self.loop.close()
        for each in unclosed:
            warnings.warn(each.message, each.category, stacklevel=2)

    def _where(self) -> str:
        """Returns the stack of the loop's thread."""
        frame = sys._current_frames()[self._thread.ident or 0]
        return "".join(traceback.format_stack(frame)[-4:]).rstrip()

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def _unseen(self, loop: asyncio.AbstractEventLoop, about: dict[str, object]) -> None:
        self.errors.append(f"{about.get('message')}: {about.get('exception')!r}")


def _check_coroutine(work: object) -> None:
    if not inspect.isawaitable(work):
        raise ArgumentError(f"a coroutine is needed, not {work!r}", hint="run(service.find(7))")


async def _limited(work: Coroutine[object, object, T], limit: float) -> T:
    timer = asyncio.timeout(limit)
    try:
        async with timer:
            return await work
    except TimeoutError:
        if timer.expired():
            raise TimeoutError(f"not done after {limit:g} s") from None
        raise
