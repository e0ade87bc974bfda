"""Requests a second and latencies of each worker, from the difference of two reports."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eggd.cli.topview.figures import Figures
from eggd.suite.slots import SPARE

HISTORY = 24
"""Rates of the past that are kept of each worker."""


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one worker, or of all."""

    worker: int | None
    """The slot; None for the sum of all."""
    state: str
    """`ready`, or `down`."""
    requests_per_second: float | None
    """None until two reports are known."""
    p50: float | None
    """Seconds, as `p99`; None without a request between the reports."""
    p99: float | None
    in_flight: int
    connections: int
    memory: int
    """Resident bytes."""
    lag: float
    """Seconds by which the loop was late at the worker's last tick; the largest of all."""
    restarts: int
    """Since the agent's start."""


class Rates:
    """Compares each page with the one before."""

    def __init__(self) -> None:
        self.history: dict[int | None, deque[float]] = {}
        """The last rates by slot, the latest at the end; None has those of all workers."""
        # The last two different reports by slot.
        self._pairs: dict[int, tuple[Figures, Figures]] = {}

    @property
    def known(self) -> bool:
        """Whether each ready worker has a rate."""
        return all(_seconds(*pair) > 0 for pair in self._pairs.values() if pair[1].ready)

    def update(self, workers: Mapping[int, Figures]) -> list[Row]:
        """Takes a page; returns the row of each worker, and that of all at the end.

        The spare has a row only while it serves: it ends with each reload.
        """
        seen = {slot: new for slot, new in workers.items() if new.ready or slot != SPARE}
        self._pairs = {slot: self._pair(slot, new) for slot, new in seen.items()}
        rows = [_row(slot, *pair) for slot, pair in self._pairs.items()]
        rows.append(_total(rows, [_latencies(*pair) for pair in self._pairs.values()]))
        for row in rows:
            past = self.history.setdefault(row.worker, deque(maxlen=HISTORY))
            past.append(row.requests_per_second or 0.0)
        return rows

    def _pair(self, slot: int, new: Figures) -> tuple[Figures, Figures]:
        old, last = self._pairs.get(slot, (new, new))
        return (old, new) if new.reported == last.reported else (last, new)


def quantile(share: float, latencies: Mapping[float, float]) -> float | None:
    """Returns the latency in seconds that a share of requests does not exceed, interpolated within
    its bucket as PromQL's histogram_quantile does; the bound below for the last bucket; None
    without requests."""
    rank, below = share * sum(latencies.values()), 0.0
    if rank <= 0:
        return None
    for bound, count in sorted(latencies.items()):
        if rank <= count:
            return below if math.isinf(bound) else below + (bound - below) * rank / count
        rank, below = rank - count, bound
    return below


def _row(slot: int, old: Figures, new: Figures) -> Row:
    seconds, latencies = _seconds(old, new), _latencies(old, new)
    return Row(
        worker=slot,
        state="ready" if new.ready else "down",
        requests_per_second=(new.requests - old.requests) / seconds if seconds > 0 else None,
        p50=quantile(0.5, latencies),
        p99=quantile(0.99, latencies),
        in_flight=int(new.in_flight),
        connections=int(new.connections),
        memory=int(new.memory),
        lag=new.lag,
        restarts=int(new.restarts),
    )


def _total(rows: Sequence[Row], parts: Sequence[Mapping[float, float]]) -> Row:
    rates = [row.requests_per_second for row in rows if row.requests_per_second is not None]
    bounds = {bound for part in parts for bound in part}
    latencies = {bound: sum(part.get(bound, 0.0) for part in parts) for bound in bounds}
    return Row(
        worker=None,
        state=f"{sum(row.state == 'ready' for row in rows)} ready",
        requests_per_second=sum(rates) if rates else None,
        p50=quantile(0.5, latencies),
        p99=quantile(0.99, latencies),
        in_flight=sum(row.in_flight for row in rows),
        connections=sum(row.connections for row in rows),
        memory=sum(row.memory for row in rows),
        lag=max((row.lag for row in rows), default=0.0),
        restarts=sum(row.restarts for row in rows),
    )


def _seconds(old: Figures, new: Figures) -> float:
    """Returns the seconds between two reports; 0 if they cannot be compared: the worker is down,
    or the agent or the clock was set back between them."""
    is_comparable = new.ready and old.reported and new.requests >= old.requests
    return max(0.0, new.reported - old.reported) if is_comparable else 0.0


def _latencies(old: Figures, new: Figures) -> dict[float, float]:
    if _seconds(old, new) <= 0:
        return {}
    return {
        bound: max(0.0, count - old.latencies.get(bound, 0.0))
        for bound, count in new.latencies.items()
    }
