"""Calls the listeners of changes, some in each turn of the loop: requests go on meanwhile."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from eggd import Agent, Application, FileChange
from eggd.plugins.watcher.path_table import PathTable
from eggd.plugins.watcher.section import WatcherConfig

PER_TURN = 100
"""Changes that are delivered in one turn of the loop."""

Listener = Callable[[FileChange], object]
"""Called with each change; may be async."""


class Delivery:
    """The listeners of one process, and the changes that they have not got yet."""

    def __init__(self, app: Application | Agent) -> None:
        self.table: PathTable[Listener] = PathTable()
        """The listeners by path."""
        self._app = app
        self._waiting: deque[FileChange] = deque()
        self._is_planned = False
        """Whether a turn of the loop will deliver changes."""
        self._running = 0
        """Async listeners that have not ended."""
        self._dropping = False
        """Whether the last changes did not find room."""

    def deliver(self, changes: Iterable[FileChange]) -> None:
        """Calls the listeners of each change, in order, beginning in the next turn."""
        self._begin()
        room = self._options.max_waiting - len(self._waiting)
        new = tuple(changes)
        self._waiting.extend(new[: max(0, room)])
        if len(new) > room and not self._dropping:
            self._app.logger.error(
                "[watcher] %d changes wait for slow listeners, and later ones are dropped"
                " (watcher.max_waiting)",
                len(self._waiting),
            )
        self._dropping = len(new) > room

    def clear(self) -> None:
        """Drops the changes that wait."""
        self._waiting.clear()

    @property
    def _options(self) -> WatcherConfig:
        return self._app.config[WatcherConfig]

    def _begin(self) -> None:
        """Has the next changes delivered in the next turn of the loop."""
        if not self._is_planned:
            self._is_planned = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self._is_planned = False
        for _ in range(min(PER_TURN, len(self._waiting))):
            if self._running >= self._options.max_listeners:
                return  # the end of a listener begins the next turn
            change = self._waiting.popleft()
            for listener in self.table.matching(change):
                self._call(listener, change)
        if self._waiting:
            self._begin()

    def _call(self, listener: Listener, change: FileChange) -> None:
        try:
            result = listener(change)
        except Exception as exc:
            self._app.logger.error(exc)
            return
        if inspect.isawaitable(result):
            self._running += 1
            self._app.run_in_background(partial(self._awaited, result), "watcher")

    async def _awaited(self, result: Awaitable[object]) -> None:
        try:
            await result
        finally:
            self._running -= 1
            if self._waiting:
                self._begin()
