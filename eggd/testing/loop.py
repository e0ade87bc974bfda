"""An event loop on a thread of its own: where the apps of a test session live.

Tests stay outside: a plain test blocks in `run`, a test on any loop awaits `call`. So it does not
matter which loop, if any, a test is on.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import uvloop

from eggd.errors import EggError

__tracebackhide__ = True  # a test that fails here failed in its own line

T = TypeVar("T")

NewLoop = Callable[[], asyncio.AbstractEventLoop]


class AppLoop:
    """The loop, from its start to `close`; `errors` are what its tasks raised and nobody saw."""

    def __init__(self, new_loop: NewLoop = uvloop.new_event_loop) -> None:
        self.loop = new_loop()
        self.errors: list[str] = []
        self.patience = 5.0
        """Seconds beyond its limit that a call is waited for; then the loop itself is blocked."""
        self.loop.set_exception_handler(self._unseen)
        self._thread = threading.Thread(target=self._serve, name="eggd-app", daemon=True)
        self._thread.start()

    @property
    def inside(self) -> bool:
        """Whether the caller runs on this loop's thread."""
        return threading.current_thread() is self._thread

    def run(self, work: Coroutine[Any, Any, T], limit: float = 30.0) -> T:
        """Returns what `work` returns, in the caller's context; the calling thread waits.

        Raises what it raises, TimeoutError after `limit` seconds, also where a blocking call keeps
        the loop, and EggError on the loop's own thread, which would wait for itself.
        """
        if self.inside:
            work.close()
            raise EggError(
                "a blocking call on the app's own loop would wait for itself",
                hint="an async test uses `async_client`, or `await running.call(...)`",
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

    async def call(self, work: Coroutine[Any, Any, T], limit: float = 30.0) -> T:
        """Returns what `work` returns, which runs here; the caller may be on any asyncio loop.

        Raises what it raises, and TimeoutError after `limit` seconds.
        """
        if self.inside:
            return await _limited(work, limit)
        done = asyncio.run_coroutine_threadsafe(_limited(work, limit), self.loop)
        return await asyncio.wrap_future(done)

    def close(self) -> None:
        """Ends the loop and its thread; what still runs on it is cancelled."""
        self.run(self.loop.shutdown_asyncgens())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(self.patience)
        self.loop.close()

    def _where(self) -> str:
        """Returns what the loop's thread is doing, innermost last."""
        frame = sys._current_frames()[self._thread.ident or 0]
        return "".join(traceback.format_stack(frame)[-4:]).rstrip()

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def _unseen(self, loop: asyncio.AbstractEventLoop, about: dict[str, Any]) -> None:
        self.errors.append(f"{about.get('message')}: {about.get('exception')!r}")


async def _limited(work: Coroutine[Any, Any, T], limit: float) -> T:
    timer = asyncio.timeout(limit)
    try:
        async with timer:
            return await work
    except TimeoutError:
        if timer.expired():
            raise TimeoutError(f"not done after {limit:g} s") from None
        raise
