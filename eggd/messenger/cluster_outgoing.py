"""The records that one process sends to other hosts, kept until the engine has them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from uuid import uuid4

from eggd.errors import OutboxFullError
from eggd.messenger.listeners import Data

MOST_KEPT = 20_000
"""Records of `least_once` that wait in a process; the next one raises OutboxFullError."""
MOST_SIZE = 64 << 20
"""Characters of their data; a record always fits an empty queue."""
WINDOW = 1_000
"""Records that the agent may have without an answer of the engine."""
WINDOW_SIZE = 4 << 20
"""Characters of their data; the first one always fits."""

RETRY = 0.1
"""Seconds after which a full queue to the agent is tried again."""

Record = list[object]


class Outgoing:
    """The lanes of one process: one of each promise."""

    def __init__(self, name: str, send: Callable[[Record], None]) -> None:
        self.lane = f"{name}/{uuid4().hex[:12]}"
        """The lane of `least_once`; with `?` at its end that of `most_once`."""
        self._send = send
        self._unsure = 0
        """The number of the last record of `most_once`."""
        self._last = 0
        """The number of the last record of `least_once`."""
        # In order: what the agent has, and what it does not have yet; (number, record, size).
        self._flying: deque[tuple[int, Record, int]] = deque()
        self._waiting: deque[tuple[int, Record, int]] = deque()
        self._flying_size = self._size = 0
        self._retry: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """Returns the records that are kept."""
        return len(self._flying) + len(self._waiting)

    def post(self, record: Record, *, sure: bool) -> None:
        """Sends host, to, action and text; raises OutboxFullError."""
        if not sure:
            self._unsure += 1
            self._send([f"{self.lane}?", self._unsure, 0, *record])
            return
        size = len(str(record[3]))
        if len(self) and (len(self) >= MOST_KEPT or self._size + size > MOST_SIZE):
            raise OutboxFullError(
                f"message {record[2]!r}: {len(self)} messages wait for the engine",
                hint="check that the agent runs and reaches it",
            )
        self._last += 1
        self._size += size
        self._waiting.append((self._last, record, size))
        self._pump()

    def taken(self, data: Data) -> None:
        """Forgets the records up to a number: the engine has them."""
        if not isinstance(data, list) or len(data) != 2 or data[0] != self.lane:
            return
        while self._flying and self._flying[0][0] <= data[1]:
            _, _, size = self._flying.popleft()
            self._size -= size
            self._flying_size -= size
        self._pump()

    def again(self, data: Data) -> None:
        """Sends all records again: the agent misses some of the lane, or is a new one (None)."""
        if data in (None, self.lane):
            self._waiting.extendleft(reversed(self._flying))
            self._flying.clear()
            self._flying_size = 0
            self._pump()

    def _pump(self) -> None:
        while self._waiting and len(self._flying) < WINDOW:
            number, record, size = self._waiting[0]
            if self._flying and self._flying_size + size > WINDOW_SIZE:
                return
            first = self._flying[0][0] if self._flying else number
            try:
                self._send([self.lane, number, first, *record])
            except OutboxFullError:
                self._try_later()
                return
            self._flying.append(self._waiting.popleft())
            self._flying_size += size

    def _try_later(self) -> None:
        if self._retry is None:
            self._retry = asyncio.get_running_loop().call_later(RETRY, self._try_now)

    def _try_now(self) -> None:
        self._retry = None
        self._pump()
