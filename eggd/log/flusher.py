"""Writes collected lines: one timer for all files, armed only while lines wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol


class Flushable(Protocol):
    """A file that can wait for a flush."""

    def flush(self) -> None:
        """Writes the collected lines."""


class Flusher:
    """Flushes its files `interval` seconds after the first line, on the process's event loop.

    Without a running loop (at boot and after the end) it flushes at once, as with `interval` 0.
    """

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._files: list[Flushable] = []
        # The loop of the timer: the first that was running when a line came, until it ends.
        self._loop: asyncio.AbstractEventLoop | None = None
        self.is_running: Callable[[], bool] = _never
        """Returns whether the loop of the timer runs, so that lines can wait for it."""
        # Runs while lines wait.
        self._timer: asyncio.TimerHandle | None = None

    def join(self, file: Flushable) -> None:
        """Adds a file to flush."""
        self._files.append(file)

    def wake(self, file: Flushable) -> None:
        """Ensures that `file` is flushed in time; safe from any thread."""
        running = _running()
        home = self._home(running)
        if home is None or not self._interval:
            file.flush()
        elif home is running:
            self._arm(home)
        else:
            try:
                home.call_soon_threadsafe(self._arm, home)
            except RuntimeError:  # closed meanwhile
                file.flush()

    def flush(self) -> None:
        """Flushes every file now."""
        for file in self._files:
            file.flush()

    def forget(self) -> None:
        """Drops the loop in a forked child: it is the parent's."""
        self._loop = self._timer = None
        self.is_running = _never

    def _home(self, running: asyncio.AbstractEventLoop | None) -> asyncio.AbstractEventLoop | None:
        """Returns the loop of the timer while it runs, then the running one."""
        if not self.is_running():
            self._timer = None
            self._loop = running
            self.is_running = _never if running is None else running.is_running
        return self._loop

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is None:
            self._timer = loop.call_later(self._interval, self._fire)

    def _fire(self) -> None:
        self._timer = None
        self.flush()


def _never() -> bool:
    return False


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
