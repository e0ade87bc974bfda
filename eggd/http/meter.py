"""The answers of a server and their times, counted for metrics.

A connection counts each answer when it is complete. Most answers are quick and successful: they are
one number (`quick`), and cost a request two readings of the clock and two additions.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Protocol

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the latency buckets in seconds; one more bucket has all longer times."""

QUICK = BOUNDS[0]
"""Seconds up to which a successful answer counts as quick."""

COUNTED = float("-inf")
"""The time at which an exchange began that is counted already: its latency is infinite."""


class CountedConnection(Protocol):
    """A connection whose exchanges are counted."""

    began: float
    """When the exchange began (time.monotonic), or COUNTED."""

    @property
    def exchange(self) -> object | None:
        """The exchange whose answer is not complete."""


class Meter:
    """The counters of one server since its start."""

    __slots__ = ("_buckets", "_classes", "quick", "seconds")

    def __init__(self) -> None:
        self.quick = 0
        """Answers below 300 that took at most QUICK seconds."""
        self.seconds = 0.0
        """The sum of all latencies."""
        # All other answers, as `classes` and `buckets` have them.
        self._classes = [0] * 6
        self._buckets = [0] * (len(BOUNDS) + 1)

    @property
    def requests(self) -> int:
        """Exchanges that have ended."""
        return sum(self.buckets) + sum(self._classes[:2])

    @property
    def classes(self) -> list[int]:
        """Answers by the first digit of their status; 0 has requests without a whole answer, 1
        those whose socket another protocol has."""
        return [*self._classes[:2], self._classes[2] + self.quick, *self._classes[3:]]

    @property
    def buckets(self) -> list[int]:
        """Answers by latency, from the complete head to the last write; see BOUNDS."""
        return [self._buckets[0] + self.quick, *self._buckets[1:]]

    def answered(self, status: int, seconds: float) -> None:
        """Counts an answer that is not quick, unless its exchange is COUNTED."""
        if seconds != -COUNTED:
            self.seconds += seconds
            self._buckets[bisect_left(BOUNDS, seconds)] += 1
            self._classes[status // 100] += 1

    def refused(self, status: int) -> None:
        """Counts the answer to a malformed request, which has no latency."""
        self._classes[status // 100] += 1

    def switched(self, connection: CountedConnection) -> None:
        """Counts the open exchange, whose socket another protocol takes."""
        self._classes[1] += 1
        connection.began = COUNTED

    def aborted(self, connection: CountedConnection) -> None:
        """Counts the open exchange, if any: its connection is lost or dropped."""
        if is_open(connection):
            self._classes[0] += 1
            connection.began = COUNTED


def is_open(connection: CountedConnection) -> bool:
    """Whether a connection has an exchange whose end is not counted yet."""
    return connection.exchange is not None and connection.began != COUNTED
