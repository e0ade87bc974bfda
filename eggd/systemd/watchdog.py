"""The sign of life, given by the very loop it vouches for: a hung loop gives none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from eggd.systemd.notifier import Notifier

UNWATCHED_INTERVAL = 5.0
"""Seconds between two ticks where no watchdog waits but slow duties ride along."""


class Watchdog:
    """One timer at half of `usec` that says WATCHDOG=1 and then calls `on_tick`.

    `on_tick` is for slow duties that need no timer of their own. With `usec` 0 nothing is said,
    and without `on_tick` there is then no timer at all.
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
        """Tick now and at every interval until `stop`; call it with the loop running."""
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
            self._duty(loop, self._on_tick)

    def _duty(self, loop: asyncio.AbstractEventLoop, on_tick: Callable[[], None]) -> None:
        try:
            on_tick()
        except Exception as exc:  # a failing duty must not read as a hung process
            loop.call_exception_handler(
                {"message": "a duty of the watchdog's tick failed", "exception": exc}
            )
