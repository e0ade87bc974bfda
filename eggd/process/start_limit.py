"""The time that a start may take: who is not ready then says what it waits for, and exits 1.

On the loop, a BootError ends the start in the usual way. Where the loop is blocked (an import that
never ends), a thread says the same a second later, with every thread's stack; where even that
cannot run (a call into C that keeps the interpreter's lock), faulthandler ends the process.
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
from eggd.errors import BootError, NotReadyError

GRACE = 1.0
"""Seconds until the next, rougher way to end."""


class StartLimit:
    """Limits one start; `async with` around what runs on the loop, `end()` when all is over.

    `give_up` takes the line for journal and status where the loop cannot do it any more.
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
        """Dumps what was loaded so far; called by the thread before the process ends."""

    def set(self, seconds: float, hint: str) -> None:
        """Allows that many seconds since the process began; `hint` says where they come from."""
        self._seconds, self._hint = seconds, hint
        self._stop_clocks()
        rest = self._rest()
        faulthandler.dump_traceback_later(rest + 2 * GRACE, exit=True)
        self._timer = threading.Timer(rest + GRACE, self._blocked)
        self._timer.daemon = True
        self._timer.start()
        if self._handle is not None:
            self._schedule()

    def end(self) -> None:
        """Limit nothing any more."""
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

    def _rest(self) -> float:
        return max(self._seconds - (time.monotonic() - self._began), 0.0)

    def _schedule(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._handle = asyncio.get_running_loop().call_later(self._rest(), self._expire)

    def _expire(self) -> None:
        self._timing.abandon()
        self._timeout.reschedule(asyncio.get_running_loop().time())

    def _error(self) -> BootError:
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
