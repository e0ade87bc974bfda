"""The time that a start may take; a process that is not ready then reports the reason and exits 1.

On the loop, a NotReadyError ends the start as usual. If the loop is blocked (an import that
never ends), a thread reports the same a second later, with the stack of each thread. If that thread
cannot run either (C code that holds the interpreter's lock), faulthandler ends the process.

The agent, for which workers wait, may also not block its loop for long: see `watch`. Time in which
the loop's thread waited for a processor does not count: a host that is overloaded is not an app
that hangs.
"""

from __future__ import annotations

import asyncio
import faulthandler
import math
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType

from eggd.app.loading.timing import Timing
from eggd.errors import NotReadyError

GRACE = 1.0
"""Seconds between the three ways to end the process."""

BLOCKED = 4.0
"""Seconds for which the loop of a watched start may be blocked."""

_EXTENSION = BLOCKED + 3 * GRACE
"""Seconds that a watched start is extended by: the process ends itself before."""


def run_delay() -> float:
    """Returns the seconds for which the main thread was ready to run but had no processor.

    The second field of /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst); 0.0 where the
    kernel does not count it.
    """
    try:
        return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


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
        # Seconds without a turn of the loop after which the start has failed.
        self._blocked_limit = math.inf
        # The value of `run_delay` at the start of the clocks.
        self._delay = 0.0
        self._timer = threading.Timer(0, self._blocked)
        self._timeout = asyncio.Timeout(None)
        self._handle: asyncio.TimerHandle | None = None
        self._turn: asyncio.TimerHandle | None = None
        # Whether a stop was requested meanwhile.
        self._is_stopped = False
        self._extend: Callable[[float], None] | None = None
        self.dump: Callable[[], None] = lambda: None
        """Dumps the parts loaded so far; called by the thread before the process ends."""

    def set(self, seconds: float, hint: str) -> None:
        """Sets the limit, in seconds since the process began; `hint` says how to raise it."""
        self._seconds, self._hint = seconds, hint
        self._start_clocks()
        if self._handle is not None:
            self._schedule()

    def watch(self, extend: Callable[[float], None]) -> None:
        """Also fails a start whose loop is blocked for BLOCKED seconds, in an `async with` block.

        While the loop turns, `extend(seconds)` asks the service manager each second for more time.
        """
        self._blocked_limit = BLOCKED
        self._extend = extend
        extend(_EXTENSION)
        self._start_clocks()

    def heed_stop(self) -> None:
        """Lets a blocked start end without a failure after SIGTERM; after its handler is set."""
        former = signal.getsignal(signal.SIGTERM)

        def stop(number: int, frame: FrameType | None) -> None:
            self._is_stopped = True
            if callable(former):
                former(number, frame)

        signal.signal(signal.SIGTERM, stop)

    def end(self) -> None:
        """Removes the limit."""
        self._stop_clocks()
        for handle in (self._handle, self._turn):
            if handle is not None:
                handle.cancel()

    async def __aenter__(self) -> None:
        self._schedule()
        if self._extend is not None:
            self._on_turn(asyncio.get_running_loop(), self._extend)
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

    def _on_turn(self, loop: asyncio.AbstractEventLoop, extend: Callable[[float], None]) -> None:
        extend(_EXTENSION)
        self._start_clocks()
        self._turn = loop.call_later(1.0, self._on_turn, loop, extend)

    def _expire(self) -> None:
        self._timing.abandon()
        self._timeout.reschedule(asyncio.get_running_loop().time())

    def _error(self) -> NotReadyError:
        waiting = self._timing.waiting or "the loop"
        passed = f"not ready after {self._seconds:g} s"
        if self._left() > GRACE:
            passed = f"the start has blocked the loop for {self._blocked_limit:g} s"
        return NotReadyError(f"{passed}: waiting for {waiting}", hint=self._hint)

    def _blocked(self) -> None:
        if self._is_stopped:
            os._exit(0)
        if self._extend is not None and self._left() and run_delay() - self._delay > GRACE:
            self._extend(_EXTENSION)
            self._start_clocks()
            return
        self._timing.abandon()
        self._give_up(self._error().line)
        with suppress(Exception):  # the app is half loaded and may change during the dump
            self.dump()
        faulthandler.dump_traceback(all_threads=True)
        os._exit(1)

    def _start_clocks(self) -> None:
        self._stop_clocks()
        self._delay = run_delay()
        limit = min(self._left(), self._blocked_limit)
        faulthandler.dump_traceback_later(limit + 2 * GRACE, exit=True)
        self._timer = threading.Timer(limit + GRACE, self._blocked)
        self._timer.daemon = True
        self._timer.start()

    def _stop_clocks(self) -> None:
        faulthandler.cancel_dump_traceback_later()
        self._timer.cancel()
