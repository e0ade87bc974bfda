"""The event sources "inotify", "polling" and "default"."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from eggd import Agent, FileChange, Watching
from eggd.plugins.watcher.source import EventSource


class InotifySource(EventSource):
    """The kernel's events: the thread of `Watching` compares, the loop gets the changes."""

    only_poll = False
    """Whether files are compared at intervals, without events."""

    def __init__(self, agent: Agent, options: object) -> None:
        super().__init__(agent, options)
        config = agent.config.watcher
        self._polls = self.only_poll or config.polling_fallback
        self._loop: asyncio.AbstractEventLoop | None = None
        """None before the first path is watched: commands load the app without a loop."""
        self._watching = Watching(
            self._changed,
            self._problem,
            debounce=config.debounce,
            poll_interval=config.poll_interval if self._polls else 0.0,
            only_poll=self.only_poll,
            most=config.max_files,
        )

    def watch(self, path: str) -> None:
        """Begins to report changes at and below a path."""
        self._loop = asyncio.get_running_loop()
        self._watching.watch([path])

    def unwatch(self, path: str) -> None:
        """Ends the reports about a path."""
        self._watching.unwatch([path])

    async def settled(self) -> None:
        """Waits until the thread watches all paths."""
        self._loop, done = asyncio.get_running_loop(), asyncio.Event()
        self._watching.watch([], lambda: self._call(done.set))
        await done.wait()

    async def close(self) -> None:
        """Ends the thread."""
        await asyncio.to_thread(self._watching.close)

    def _changed(self, changes: list[FileChange]) -> None:
        self._call(lambda: self.emit(changes))

    def _problem(self, text: str) -> None:
        log = self.warn if self._polls else self.error
        self._call(lambda: log(text))

    def _call(self, function: Callable[[], object]) -> None:
        """Calls a function on the loop; called on the thread."""
        with suppress(RuntimeError):  # the loop has ended
            assert self._loop is not None
            self._loop.call_soon_threadsafe(function)


class PollingSource(InotifySource):
    """Comparisons at intervals, for file systems without events."""

    only_poll = True


class DefaultSource(EventSource):
    """Reports nothing, as Egg in production (process:WAT-1)."""

    async def ready(self) -> None:
        """Logs that watching has no effect."""
        self.info("defaultEventSource watcher will NOT take effect")

    def watch(self, path: str) -> None:
        """Logs that the call has no effect."""
        self.info("using defaultEventSource watcher.watch() does NOTHING")

    def unwatch(self, path: str) -> None:
        """Logs that the call has no effect."""
        self.info("using defaultEventSource watcher.unwatch() does NOTHING")
