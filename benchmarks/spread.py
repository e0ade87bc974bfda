"""Counts the connections of each worker of a suite, from /proc (proc(5))."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import idle, procfs

CLOSE_TIMEOUT = 60.0
"""Seconds to wait until the workers have closed all connections."""


@dataclass(frozen=True)
class Workers:
    """The worker processes of one suite."""

    port: int
    """The TCP port on which they listen."""
    pids: Sequence[int]
    """Their process ids."""

    def counts(self) -> list[int]:
        """Returns how many connections each worker has now, the busiest first."""
        return sorted(procfs.connections(self.pids, self.port), reverse=True)

    def wait_closed(self) -> None:
        """Waits until no worker has a connection; raises TimeoutError after CLOSE_TIMEOUT."""
        until = time.monotonic() + CLOSE_TIMEOUT
        while any(self.counts()):
            if time.monotonic() > until:
                raise TimeoutError(f"connections remain open: {self.counts()}")
            time.sleep(0.01)

    def count_spread(self, count: int, *, at_once: bool) -> list[int]:
        """Opens `count` connections with one request on each; returns how many each worker has.

        If `at_once`, opens all connections before the first request; else sends the request on each
        before opening the next. Closes all connections afterwards.
        """
        with idle.connections(self.port, count, batch=count if at_once else 1):
            counts = self.counts()
        self.wait_closed()
        return counts


def ratio(counts: Sequence[int]) -> float:
    """Returns the ratio of the largest count to the smallest; infinity if one is 0."""
    return max(counts) / min(counts) if min(counts) else float("inf")
