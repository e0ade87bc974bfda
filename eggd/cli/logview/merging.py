"""The entries of all logs in the order of time, each once: errors are in two files."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Iterator

from eggd.cli.logview.entry import Entry

_WINDOW = 1.0
"""Seconds within which the same text of the same process is the same call: the journal has it a
moment later."""


def merged(streams: Iterable[Iterable[Entry]]) -> Iterator[Entry]:
    """Yields the entries of all streams in the order of time, each once."""
    return Once()(heapq.merge(*streams, key=lambda entry: entry.at))


class Once:
    """Leaves out entries that another source had within a second."""

    def __init__(self) -> None:
        self._recent: deque[Entry] = deque()
        self._sources: dict[tuple[int, str], deque[tuple[float, set[str]]]] = {}
        """By process and text: the calls of the last second, and the sources that had each."""

    def __call__(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Yields the others of these entries, which come after those of the last call."""
        for entry in entries:
            self._forget(entry.at - _WINDOW)
            if not entry.pid or self._is_new(entry):
                yield entry

    def _is_new(self, entry: Entry) -> bool:
        calls = self._sources.setdefault((entry.pid, entry.text), deque())
        for _, sources in calls:
            if entry.source not in sources:
                sources.add(entry.source)
                return False
        calls.append((entry.at, {entry.source}))
        self._recent.append(entry)
        return True

    def _forget(self, before: float) -> None:
        while self._recent and self._recent[0].at < before:
            old = self._recent.popleft()
            calls = self._sources[old.pid, old.text]
            calls.popleft()
            if not calls:
                del self._sources[old.pid, old.text]
