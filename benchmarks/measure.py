"""One cell of the table (a peer, freshly started, under load), and the medians of many."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import procfs
from benchmarks.peers import Answer, Peer, Running
from benchmarks.wrk import LoadError, load


@dataclass(frozen=True)
class Plan:
    """How long and how often."""

    repetitions: int
    """Times each peer is started and measured."""
    warm_up: float
    """Seconds of load before the window (V8 and Python's caches)."""
    window: float
    """Seconds that are measured."""


@dataclass(frozen=True)
class Figures:
    """What one repetition, or the median of several, shows."""

    requests_per_second: float
    """As wrk counts."""
    cpu_us_per_request: float
    """User and system time of all the peer's processes over the window, per request."""
    p99_ms: float
    """99 of 100 requests were answered within this."""
    pss_mb: float
    """Memory of all the peer's processes after the window, shared pages counted once."""
    first_answer_s: float
    """Seconds from the first spawn to the first answer."""
    processes: float
    """How many processes that is."""


@dataclass(frozen=True)
class Setting:
    """What all repetitions share."""

    plan: Plan
    """How long and how often."""
    egg_home: Path
    """The installed egg app."""
    answer_file: Path
    """Where the peers read what to answer."""
    answer: Answer
    """What eggd answers."""


def repeat(
    peers: Sequence[Peer], setting: Setting, told: Callable[[str], None]
) -> dict[Peer, list[Figures]]:
    """Measure every peer `repetitions` times, interleaved, the order reversed every other time."""
    rows: dict[Peer, list[Figures]] = {peer: [] for peer in peers}
    count, total = 0, len(peers) * setting.plan.repetitions
    for repetition in range(setting.plan.repetitions):
        for peer in peers if repetition % 2 == 0 else reversed(peers):
            count += 1
            told(f"[{count}/{total}] {peer} ...")
            figures = once(peer, setting)
            rows[peer].append(figures)
            told(
                f"[{count}/{total}] {peer}: {figures.requests_per_second:,.0f} requests/s, "
                f"{figures.cpu_us_per_request:.1f} us CPU each"
            )
    return rows


def once(peer: Peer, setting: Setting) -> Figures:
    """Start the peer, check that it gives the same answer, warm it up and measure one window."""
    with peer.running(setting.egg_home, setting.answer_file) as running:
        if masked(running.answer) != masked(setting.answer):
            raise LoadError(f"{peer} answers {running.answer}, eggd answers {setting.answer}")
        load(running.url, setting.plan.warm_up)
        return window(running, setting.plan.window)


def window(running: Running, seconds: float) -> Figures:
    """Measure one window; LoadError if a process came or went meanwhile."""
    pids = procfs.trees(running.roots)
    before = procfs.cpu_us(pids)
    seen = load(running.url, seconds)
    if procfs.trees(running.roots) != pids:
        raise LoadError(f"processes changed under load: {pids}")
    return Figures(
        requests_per_second=seen.per_second,
        cpu_us_per_request=(procfs.cpu_us(pids) - before) / seen.requests,
        p99_ms=seen.p99_ms,
        pss_mb=procfs.pss_mb(pids),
        first_answer_s=running.started,
        processes=len(pids),
    )


def masked(answer: Answer) -> Answer:
    """Return the answer with its digits alike: a page may show its pid."""
    return Answer(answer.type.lower().replace(" ", ""), re.sub(r"\d+", "0", answer.body))


def median(rows: Sequence[Figures]) -> Figures:
    """Return the median of each figure."""
    columns = [asdict(row) for row in rows]
    return Figures(**{key: statistics.median(row[key] for row in columns) for key in columns[0]})
