"""How a suite's connections are spread over its workers, as the kernel says (proc(5))."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import idle, procfs

SETTLE = 60.0
"""Seconds within which workers must have taken, or let go of, what there is."""


@dataclass(frozen=True)
class Workers:
    """The worker processes of one suite."""

    port: int
    """Where they answer."""
    pids: Sequence[int]
    """The workers."""

    def counts(self) -> list[int]:
        """Returns how many connections each worker has now, the busiest first."""
        return sorted(procfs.connections(self.pids, self.port), reverse=True)

    def empty(self) -> None:
        """Waits until no worker has a connection; raises TimeoutError after a limit."""
        until = time.monotonic() + SETTLE
        while any(self.counts()):
            if time.monotonic() > until:
                raise TimeoutError(f"connections remain open: {self.counts()}")
            time.sleep(0.01)

    def opened(self, count: int, *, at_once: bool) -> list[int]:
        """Returns the counts while `count` connections are open, each answered once.

        All are there before the first asks, or each is answered before the next is opened.
        """
        with idle.connections(self.port, count, batch=count if at_once else 1):
            found = self.counts()
        self.empty()
        return found


def ratio(counts: Sequence[int]) -> float:
    """Returns the busiest to the least busy; infinite where one has nothing."""
    return max(counts) / min(counts) if min(counts) else float("inf")
