"""Sends WATCHDOG=1 from the event loop, so that a hung loop is noticed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from eggd.systemd.notifier import Notifier

UNWATCHED_INTERVAL = 5.0
"""Seconds between two ticks for `on_tick` without a watchdog."""


class Watchdog:
    """Sends WATCHDOG=1 and calls `on_tick` at half of `usec`.

    `on_tick` is for slow work that needs no timer of its own. With `usec` 0 nothing is sent, and
    without `on_tick` no timer is started either.
    """

    def __init__(
        self, notifier: Notifier, usec: int, on_tick: Callable[[], None] | None = None
    ) -> None:
        self._notifier = notifier
        self._usec = usec
        self._on_tick = on_tick
        self._timer: asyncio.TimerHandle | None = None

    @property
    def interval(self) -> float:
        """Seconds between two ticks (sd_watchdog_enabled(3): half the time we are given)."""
        return self._usec / 2_000_000 if self._usec else UNWATCHED_INTERVAL

    def start(self) -> None:
        """Ticks now and at every interval until `stop`; needs a running loop."""
        self.stop()
        if self._usec or self._on_tick is not None:
            self._tick(asyncio.get_running_loop())

    def stop(self) -> None:
        """Ends the ticks."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = loop.call_later(self.interval, self._tick, loop)
        if self._usec:
            self._notifier.watchdog()
        if self._on_tick is not None:
            self._call(loop, self._on_tick)

    def _call(self, loop: asyncio.AbstractEventLoop, on_tick: Callable[[], None]) -> None:
        try:
            on_tick()
        except Exception as exc:  # must not look like a hung process
            loop.call_exception_handler(
                {"message": "the tick of the watchdog failed", "exception": exc}
            )
