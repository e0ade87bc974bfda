"""One peer, freshly started, on every route; all peers, in turn; the medians of it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import idle, procfs
from benchmarks.install import PeerError
from benchmarks.peers import KINDS, Kind, Peer, Running
from benchmarks.route import Route
from benchmarks.wrk import load

STEADY = 0.9
"""A request that costs more than this share of what it did in the round before: it is warm."""
MOST_ROUNDS = 8


@dataclass(frozen=True)
class Plan:
    """Durations and numbers of the measurements."""

    repetitions: int
    """Times each peer is started and measured."""
    window: float
    """Seconds that are measured, on each route."""
    warm_up: float
    """The part of each kind's own time of warming up, before each window."""


@dataclass(frozen=True)
class Figures:
    """The figures of one window, or the medians of several."""

    requests_per_second: float
    """As wrk counts."""
    cpu_us_per_request: float
    """User and system time of all the peer's processes over the window, per request."""
    p50_ms: float
    """Half of the requests were answered within this."""
    p99_ms: float
    """99 of 100 requests were answered within this."""
    pss_mib: float
    """Memory of all the peer's processes after the window, shared pages counted once."""
    processes: float
    """The number of processes."""
    busiest: float
    """Connections of the worker that has most of them, in the middle of the window."""
    least: float
    """Connections of the worker that has fewest."""
    first_answer_s: float
    """Seconds from the first spawn to the first answer."""


@dataclass(frozen=True)
class Cell:
    """One line of one table."""

    route: str
    """A route's name."""
    peer: Peer
    """The measured server."""


Rows = Mapping[Cell, Sequence[Figures]]
"""Every repetition of every cell."""


@dataclass
class Run:
    """All that is measured in one go, and what went wrong meanwhile."""

    plan: Plan
    routes: Sequence[Route]
    say: Callable[[str], None]
    """Takes a line of progress."""
    homes: dict[str, Path]
    """The folder in which each peer is installed."""
    rows: dict[Cell, list[Figures]]
    failures: list[str]
    """One line for each that could not be measured."""

    def install(self, peers: Sequence[Peer]) -> list[Peer]:
        """Installs what the peers need; returns those that can be started."""
        for name in dict.fromkeys(peer.name for peer in peers):
            try:
                self.homes[name] = KINDS[name].install()
            except PeerError as exc:
                self._failed(f"{name}: not installed: {exc}")
        return [peer for peer in peers if peer.name in self.homes]

    def repeat(self, peers: Sequence[Peer]) -> None:
        """Measures every peer, interleaved, the order reversed every other time."""
        count, total = 0, len(peers) * self.plan.repetitions
        for repetition in range(self.plan.repetitions):
            for peer in peers if repetition % 2 == 0 else reversed(peers):
                count += 1
                self.say(f"[{count}/{total}] {peer} ...")
                try:
                    self._once(peer)
                except PeerError as exc:
                    self._failed(f"{peer}: {exc}")

    def check(self, peers: Sequence[Peer]) -> None:
        """Starts each peer and compares its answer to each route with the expected one."""
        for peer in peers:
            try:
                with peer.running(self.homes[peer.name]) as running:
                    for route in self.routes:
                        route.check(running.port)
            except PeerError as exc:
                self._failed(f"{peer}: {exc}")

    def _once(self, peer: Peer) -> None:
        """Starts the peer, checks its answers, then warms it up and measures it on each route."""
        with peer.running(self.homes[peer.name]) as running:
            for route in self.routes:
                route.check(running.port)
            for route in self.routes:
                warm_up(running, route, KINDS[peer.name], self.plan.warm_up)
                figures = window(running, route, peer.workers, self.plan.window)
                self.rows.setdefault(Cell(route.name, peer), []).append(figures)
                self.say(
                    f"    {route.name:6} {figures.requests_per_second:10,.0f} requests/s, "
                    f"{figures.cpu_us_per_request:6.1f} us CPU each"
                )

    def _failed(self, line: str) -> None:
        self.failures.append(line)
        self.say(f"bench: {line}")


def warm_up(running: Running, route: Route, kind: Kind, part: float) -> None:
    """Loads a peer until it is as fast as it gets.

    V8 compiles each worker on its own, later on a busy machine: an unfinished warm-up would flatter
    eggd, and by a lot.
    """
    before = math.inf
    for _ in range(MOST_ROUNDS if kind.compiles else 1):
        pids = procfs.with_descendants(running.roots)
        spent = procfs.cpu_us(pids)
        seconds = kind.warm_up * part
        seen = load(
            running.url + route.path,
            seconds,
            route.body,
            header=route.header,
            connections=route.connections,
        )
        cost = (procfs.cpu_us(pids) - spent) / max(1, seen.requests)
        if cost > STEADY * before:
            return
        before = cost


def window(running: Running, route: Route, workers: int, seconds: float) -> Figures:
    """Measures one window; raises PeerError if a process started or ended meanwhile."""
    pids = procfs.with_descendants(running.roots)
    counts: list[int] = []
    with idle.connections(running.port, route.idle, path=route.path):
        before = procfs.cpu_us(pids)
        seen = load(
            running.url + route.path,
            seconds,
            route.body,
            lambda: counts.extend(procfs.connections(pids, running.port)),
            header=route.header,
            connections=route.connections,
        )
        spent = procfs.cpu_us(pids) - before
    if procfs.with_descendants(running.roots) != pids:
        raise PeerError(f"processes changed under load: {pids}")
    spread = sorted(counts, reverse=True)[:workers]
    return Figures(
        requests_per_second=seen.per_second,
        cpu_us_per_request=spent / seen.requests,
        p50_ms=seen.p50_ms,
        p99_ms=seen.p99_ms,
        pss_mib=procfs.pss_mib(pids),
        processes=len(pids),
        busiest=spread[0],
        least=spread[-1],
        first_answer_s=running.started,
    )


def median(rows: Sequence[Figures]) -> Figures:
    """Returns the median of each figure."""
    columns = [asdict(row) for row in rows]
    return Figures(**{key: statistics.median(row[key] for row in columns) for key in columns[0]})
