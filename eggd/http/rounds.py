"""When connections are looked at: all of them once a tick, a few at a time, none while there are
none.

Ten thousand idle connections take milliseconds to look at; a request never waits for more than a
stride of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from eggd.http.sweep import Limited, Sweep

_STRIDE = 256
"""Connections looked at before the loop sees to those that have something to say."""


class Rounds:
    """The one timer of a server, which a request neither arms nor cancels."""

    def __init__(
        self, sweep: Sweep, connections: Collection[Limited], count: Callable[[], int]
    ) -> None:
        """Visits `connections` once a tick as long as `count()` is not 0."""
        self._sweep = sweep
        self._connections = connections
        self._count = count
        self._next: asyncio.Handle | None = None

    @property
    def going(self) -> bool:
        """Whether anything is due."""
        return self._next is not None

    def go(self) -> None:
        """Looks in a tick from now on, if that is not under way."""
        if self._next is None:
            loop = asyncio.get_running_loop()
            self._next = loop.call_later(self._sweep.tick, self._begin)

    def stop(self) -> None:
        """Looks no more."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _begin(self) -> None:
        self._stride(list(self._connections))

    def _stride(self, ahead: list[Limited]) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in ahead[-_STRIDE:]:
            if connection in self._connections:
                self._sweep.look(connection, now)
        del ahead[-_STRIDE:]
        self._next = None
        if ahead:
            self._next = loop.call_soon(self._stride, ahead)
        elif self._count():
            self.go()
