"""Puts entries in the order of time that came a little late.

Each process keeps its lines in memory for up to a second (`logger.flush_interval`) and then appends
them at once: in the file they follow later lines of other processes.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import count

from eggd.cli.logview.entry import Entry

SECONDS = 2.0
"""Seconds that an entry may be late; a later one is shown where it is in the file."""
_MOST = 200_000
"""Entries that are kept; then the oldest is passed on."""


class Window:
    """Entries that may not be complete yet, by time; those of the same time in order of arrival."""

    def __init__(self) -> None:
        self._numbers = count()
        self._heap: list[tuple[float, int, Entry]] = []

    def add(self, entry: Entry, latest: float) -> None:
        """Keeps an entry; one after `latest` counts as of then."""
        heapq.heappush(self._heap, (min(entry.at, latest), next(self._numbers), entry))

    def until(self, moment: float) -> Iterator[Entry]:
        """Yields the entries up to a Unix time, and any beyond the limit, and forgets them."""
        heap = self._heap
        while heap and (heap[0][0] <= moment or len(heap) > _MOST):
            yield heapq.heappop(heap)[2]


def in_order(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yields the entries of one log in the order of time."""
    window = Window()
    for entry in entries:
        window.add(entry, float("inf"))
        yield from window.until(entry.at - SECONDS)
    yield from window.until(float("inf"))
