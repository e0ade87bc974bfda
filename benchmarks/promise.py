"""The limits for eggd relative to its peers, which are exceeded, and which do not apply."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.measure import Cell, Rows, median
from benchmarks.peers import Peer

FASTER = {"eggd": 2.0, "eggd+orjson": 2.7}
"""At least this many times egg's requests per second, at most 1/this of its CPU per request, on
every route and with as many workers."""
ABOVE = "koa"
"""The peer whose requests per second are the lower limit on the same routes."""


@dataclass(frozen=True)
class Rival:
    """A limit of one peer, on one route, against another with as many workers."""

    name: str
    """The peer that the limit is for."""
    route: str
    other: str
    """The peer that it is compared with."""
    rate: float = 0.0
    """Requests per second must be more than this many times those of the other."""
    cpu: float = math.inf
    """CPU per request may be at most this many times that of the other."""
    needs_cpus: bool = False
    """Whether `rate` applies only where each worker, and wrk, has a CPU."""


_ROUTES = ("hello", "json", "users", "echo")
RIVALS = [
    Rival("eggd+orjson", "users", "granian", rate=1, cpu=1),
    Rival("eggd+orjson", "users", "koa", cpu=1),
    Rival("eggd+orjson", "users", "fastify", cpu=1.15),
    Rival("eggd+orjson", "echo", "fastify", rate=1),
    Rival("eggd", "hello", "floor", cpu=2.5),
    Rival("eggd+orjson", "hello", "floor", cpu=2.5),
    # With all default plugins, as egg has them.
    Rival("eggd-full", "hello", "egg", rate=4, cpu=1 / 3, needs_cpus=True),
    Rival("eggd-full", "json", "egg", rate=3.5, cpu=1 / 3, needs_cpus=True),
    Rival("eggd-full", "users", "egg", rate=3, cpu=1 / 3, needs_cpus=True),
    Rival("eggd-full+orjson", "echo", "egg", rate=3, cpu=1 / 3, needs_cpus=True),
    *(Rival("eggd-full", route, "eggd", rate=0.8) for route in _ROUTES),
    *(Rival("eggd-full", route, "koa-full", rate=1) for route in _ROUTES),
]
SMALLER = 0.4
"""At most this share of egg's memory, with SUITE workers."""
SUITE = 4
"""Workers when memory is compared."""
SMALL = ("eggd", "eggd+orjson", "eggd-full", "eggd-full+orjson")
"""The peers whose memory is compared."""


def have_cpus(workers: int, cpus: int) -> bool:
    """Returns whether each worker, and wrk, has a CPU.

    Where they share CPUs, a request takes the server's time and that of wrk. Requests/s then
    compare the sums, which differ less than the times of the servers.
    """
    return workers < cpus


def ratios(cell: Cell, rows: Rows, other: str = "egg") -> tuple[float, float] | None:
    """Returns requests/s and CPU per request as multiples of another's on the same route, with as
    many workers; None where that was not measured."""
    theirs = Cell(cell.route, Peer(other, cell.peer.workers))
    if theirs not in rows or cell not in rows:
        return None
    mine, its = median(rows[cell]), median(rows[theirs])
    return (
        mine.requests_per_second / its.requests_per_second,
        mine.cpu_us_per_request / its.cpu_us_per_request,
    )


def broken(rows: Rows, cpus: int) -> list[str]:
    """Returns one line for each promise that these figures of a machine with `cpus` break."""
    return [
        line
        for cell in rows
        for line in (*_speed(cell, rows), *_rivals(cell, rows, cpus), *_memory(cell, rows))
    ]


def unchecked(rows: Rows, cpus: int) -> list[str]:
    """Returns one line for each limit that does not apply on a machine with `cpus`: its figure, and
    where the limit applies."""
    lines = []
    for cell in rows:
        workers = cell.peer.workers
        for rival, (rate, _) in _pairs(cell, rows):
            if rival.needs_cpus and not have_cpus(workers, cpus):
                lines.append(
                    f"{cell.route}: {cell.peer}: {rate:.2f} times {rival.other}'s requests/s,"
                    f" promised over {rival.rate:g} with {workers + 1} CPUs"
                )
    return lines


def _speed(cell: Cell, rows: Rows) -> list[str]:
    lines: list[str] = []
    promised = FASTER.get(cell.peer.name)
    if promised is None:
        return lines
    egg, above = ratios(cell, rows), ratios(cell, rows, ABOVE)
    who = f"{cell.route}: {cell.peer}"
    if egg is not None and egg[0] < promised:
        lines.append(f"{who}: {egg[0]:.2f} times egg's requests/s, promised {promised:g}")
    if egg is not None and egg[1] > 1 / promised:
        lines.append(f"{who}: {egg[1]:.2f} of egg's CPU per request, promised {1 / promised:.2f}")
    if above is not None and above[0] <= 1:
        lines.append(f"{who}: {above[0]:.2f} times {ABOVE}'s requests/s, promised more than 1")
    return lines


def _pairs(cell: Cell, rows: Rows) -> Iterator[tuple[Rival, tuple[float, float]]]:
    """Yields the limits of a cell whose other peer was measured, each with both ratios."""
    for rival in RIVALS:
        pair = ratios(cell, rows, rival.other)
        if (rival.name, rival.route) == (cell.peer.name, cell.route) and pair is not None:
            yield rival, pair


def _rivals(cell: Cell, rows: Rows, cpus: int) -> list[str]:
    lines = []
    for rival, (rate, cpu) in _pairs(cell, rows):
        who, its = f"{cell.route}: {cell.peer}", f"{rival.other}'s"
        applies = not rival.needs_cpus or have_cpus(cell.peer.workers, cpus)
        if applies and rate <= rival.rate:
            lines.append(f"{who}: {rate:.2f} times {its} requests/s, promised over {rival.rate:g}")
        if cpu > rival.cpu:
            lines.append(f"{who}: {cpu:.2f} of {its} CPU per request, promised {rival.cpu:.3g}")
    return lines


def _memory(cell: Cell, rows: Rows) -> list[str]:
    share = memory(cell, rows)
    if cell.peer.name not in SMALL or cell.route != "hello" or cell.peer.workers != SUITE:
        return []
    if share is None or share <= SMALLER:
        return []
    return [f"{cell.peer}: {share:.2f} of egg's memory, promised {SMALLER:g}"]


def memory(cell: Cell, rows: Rows) -> float | None:
    """Returns the memory as a share of egg's with as many workers, None without egg."""
    theirs = Cell(cell.route, Peer("egg", cell.peer.workers))
    if theirs not in rows:
        return None
    return median(rows[cell]).pss_mib / median(rows[theirs]).pss_mib
