"""The time that a start may take; a process that is not ready then reports the reason and exits 1.

On the loop, a NotReadyError ends the start as usual. If the loop is blocked (an import that
never ends), a thread reports the same a second later, with the stack of each thread. If that thread
cannot run either (C code that holds the interpreter's lock), faulthandler ends the process.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

from eggd.app.loading.timing import Timing
from eggd.errors import NotReadyError

GRACE = 1.0
"""Seconds between the three ways to end the process."""


class StartLimit:
    """Limits one start: an `async with` block around its work on the loop.

    `give_up` takes the line for journal and status if the loop is blocked.
    """

    def __init__(self, timing: Timing, give_up: Callable[[str], None]) -> None:
        self._began = time.monotonic()
        self._timing = timing
        self._give_up = give_up
        self._hint = ""
        self._seconds = 0.0
        self._timer = threading.Timer(0, self._blocked)
        self._timeout = asyncio.Timeout(None)
        self._handle: asyncio.TimerHandle | None = None
        self.dump: Callable[[], None] = lambda: None
        """Dumps the parts loaded so far; called by the thread before the process ends."""

    def set(self, seconds: float, hint: str) -> None:
        """Sets the limit, in seconds since the process began; `hint` says how to raise it."""
        self._seconds, self._hint = seconds, hint
        self._stop_clocks()
        left = self._left()
        faulthandler.dump_traceback_later(left + 2 * GRACE, exit=True)
        self._timer = threading.Timer(left + GRACE, self._blocked)
        self._timer.daemon = True
        self._timer.start()
        if self._handle is not None:
            self._schedule()

    def end(self) -> None:
        """Removes the limit."""
        self._stop_clocks()
        if self._handle is not None:
            self._handle.cancel()

    async def __aenter__(self) -> None:
        self._schedule()
        await self._timeout.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()
        try:
            await self._timeout.__aexit__(kind, exc, trace)
        except TimeoutError:
            raise self._error() from exc

    def _left(self) -> float:
        return max(self._seconds - (time.monotonic() - self._began), 0.0)

    def _schedule(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle = asyncio.get_running_loop().call_later(self._left(), self._expire)

    def _expire(self) -> None:
        self._timing.abandon()
        self._timeout.reschedule(asyncio.get_running_loop().time())

    def _error(self) -> NotReadyError:
        waiting = self._timing.waiting or "the loop"
        return NotReadyError(
            f"not ready after {self._seconds:g} s: waiting for {waiting}", hint=self._hint
        )

    def _blocked(self) -> None:
        self._timing.abandon()
        self._give_up(self._error().line)
        with suppress(Exception):  # the app is half loaded and may change during the dump
            self.dump()
        faulthandler.dump_traceback(all_threads=True)
        os._exit(1)

    def _stop_clocks(self) -> None:
        faulthandler.cancel_dump_traceback_later()
        self._timer.cancel()
