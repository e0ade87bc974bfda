"""The entries that all processes of this host have received; the cursor stands at the last one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from eggd import Logger

WINDOW = 1_000
"""Entries that may be on their way to the processes of this host."""
PATIENCE = 10.0
"""Seconds after which a process that gets nothing no longer holds the others up."""


class Progress:
    """The entries that are on their way, and the last one of each process."""

    def __init__(self, pids: Callable[[], Iterable[int]], log: Logger) -> None:
        """`pids` returns the processes that must get each entry: ready workers and the agent."""
        self._pids = pids
        self._log = log
        self._numbers: dict[int, int] = {}
        """By pid: the number of the last entry."""
        self._flying: deque[tuple[int, str]] = deque()
        """The entries in order: the number that processes acknowledge, and the place."""
        self._last = 0
        """The number of the last entry that was sent."""
        self._slow: set[int] = set()
        """Processes that have acknowledged nothing for PATIENCE."""
        self.cursor = ""
        """The place up to which all processes have handled the entries: id and number of an entry
        of the engine. Empty before the first."""
        self.changed = asyncio.Event()
        """Set when the cursor has changed; cleared by the task that saves it."""
        self._room = asyncio.Event()

    @property
    def has_slow(self) -> bool:
        """Whether a process has acknowledged nothing for PATIENCE."""
        return bool(self._slow)

    def sent(self, number: int, identity: str) -> None:
        """Notes an entry that was sent to all processes."""
        self._members()
        self._last = number
        self._flying.append((number, f"{identity} {number}"))

    def restart(self) -> None:
        """Forgets the entries on their way: the numbers of the entries begin again."""
        self._flying.clear()
        self._numbers.clear()
        self._last = 0
        self._room.set()

    def passed(self, number: int, identity: str) -> None:
        """Notes an entry without a record for this host."""
        self._flying.append((self._last, f"{identity} {number}"))
        self._advance()

    def acknowledge(self, pid: int, number: int) -> None:
        """Notes the last entry that a process has handled.

        A greater number than the last one that was sent is from before `restart`.
        """
        if number > self._last:
            return
        self._numbers[pid] = max(number, self._numbers.get(pid, 0))
        self._slow.discard(pid)
        self._advance()

    async def room(self) -> None:
        """Waits until more entries may be sent."""
        while len(self._flying) >= WINDOW:
            self._room.clear()
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._room.wait()
            except TimeoutError:
                self._give_up()

    def _members(self) -> set[int]:
        """Returns the processes that count; a new one begins with the next entry."""
        pids = set(self._pids())
        for pid in pids - self._numbers.keys():
            self._numbers[pid] = self._last
        for pid in self._numbers.keys() - pids:
            del self._numbers[pid]
            self._slow.discard(pid)
        return pids

    def _advance(self) -> None:
        counted = self._members() - self._slow
        least = min((self._numbers[pid] for pid in counted), default=self._last)
        while self._flying and self._flying[0][0] <= least:
            self.cursor = self._flying.popleft()[1]
            self._room.set()
            self.changed.set()

    def _give_up(self) -> None:
        oldest = self._flying[0][0]
        slow = {pid for pid in self._members() if self._numbers[pid] < oldest} - self._slow
        if slow:
            text = "[egg-fleet] no longer waits for pid %s, which takes no messages for %g s"
            self._log.error(text, ", ".join(map(str, sorted(slow))), PATIENCE)
        self._slow |= slow
        self._advance()
