"""The result of the comparison of listeners (`fairness`): figures, verdict, table and JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from statistics import median

from benchmarks.spread import ratio

FAIR = 1.5
"""The busiest worker may have this many times the connections of the least busy."""
RATE = 0.9
"""Least requests/s on the inherited listener, as a share of those with SO_REUSEPORT."""
KINDS = ("inherited", "reuseport")
FIGURES = ("requests_per_second", "cpu_us_per_request", "p99_ms")
LOADS = {"kept": "connections stay", "closing": "one request each"}


@dataclass(frozen=True)
class Window:
    """One window of wrk -t2 -c64."""

    requests_per_second: float
    cpu_us_per_request: float
    """User and system time of agent and workers, by request."""
    p99_ms: float
    counts: list[int]
    """Connections of each worker in the middle of it, the busiest first."""


@dataclass(frozen=True)
class Seen:
    """All that was measured on one kind of listener."""

    kept: list[Window] = field(default_factory=list)
    """64 connections that stay."""
    closing: list[Window] = field(default_factory=list)
    """64 clients that connect anew for each request."""
    one_by_one: list[list[int]] = field(default_factory=list)
    """Counts of 64 connections, each answered before the next was opened."""
    at_once: list[list[int]] = field(default_factory=list)
    """Counts of 200 connections, all there before the first asked."""

    def middle(self, load: str, figure: str) -> float:
        """Returns the median of one figure of the windows of one load."""
        return float(median(getattr(window, figure) for window in getattr(self, load)))

    def worst(self) -> float:
        """Returns the worst spread of 64 connections that stay."""
        return max(map(ratio, [*(window.counts for window in self.kept), *self.one_by_one]))

    def spreads(self) -> dict[str, list[list[int]]]:
        """Returns all counts by the way the connections were opened."""
        return {
            "wrk -c64": [window.counts for window in self.kept],
            "64 one by one": self.one_by_one,
            "200 at once": self.at_once,
        }


Sides = dict[str, Seen]


def compare_medians(sides: Sides, load: str, figure: str) -> float:
    """Returns the inherited listener's as a share of SO_REUSEPORT's: the median of the pairs."""
    windows = (getattr(sides[kind], load) for kind in KINDS)
    pairs = zip(*windows, strict=True)
    return float(median(getattr(a, figure) / getattr(b, figure) for a, b in pairs))


def exceeded_limits(sides: Sides) -> list[str]:
    """Returns a line for each promise that is not kept."""
    shared, rate = sides["inherited"], compare_medians(sides, "kept", "requests_per_second")
    lines = []
    if shared.worst() > FAIR:
        lines.append(f"spread of 64 connections {shared.worst():.2f} to 1, promised {FAIR:g}")
    if rate < RATE:
        lines.append(f"requests/s {rate:.2f} of SO_REUSEPORT's, promised {RATE:g}")
    if not all(map(all, shared.at_once)):
        lines.append(f"200 connections at once left a worker without one: {shared.at_once}")
    return lines


def table(sides: Sides) -> str:
    """Returns the figures for people."""
    lines = []
    for load, title in LOADS.items():
        lines.append(f"{title:18} {'requests/s':>11} {'CPU us/req':>11} {'p99 ms':>8}")
        for kind, seen in sides.items():
            lines.append(_row(kind, [seen.middle(load, figure) for figure in FIGURES]))
        ratios = [compare_medians(sides, load, figure) for figure in FIGURES]
        lines += [_row("ratio of pairs", ratios), ""]
    for kind, seen in sides.items():
        lines.append(f"{kind}: busiest to least busy of 64 at worst {seen.worst():.2f} to 1")
        for name, counts in seen.spreads().items():
            lines.append(f"  {name:14} {'  '.join(map(join_counts, counts))}")
    return "\n".join(lines)


def join_counts(counts: list[int]) -> str:
    """Returns counts as 16/16/16/16."""
    return "/".join(map(str, counts))


def as_json(sides: Sides) -> str:
    """Returns every figure for programs."""
    ratios = {
        load: {name: compare_medians(sides, load, name) for name in FIGURES} for load in LOADS
    }
    figures = {kind: asdict(seen) | {"worst": seen.worst()} for kind, seen in sides.items()}
    limits = {"spread": FAIR, "rate": RATE}
    report = {
        "sides": figures,
        "ratios": ratios,
        "limits": limits,
        "exceeded_limits": exceeded_limits(sides),
    }
    return json.dumps(report, indent=2)


def _row(name: str, figures: list[float]) -> str:
    rate, cpu, p99 = figures
    text = f"{rate:11.2f}" if rate < 100 else f"{rate:11,.0f}"
    return f"  {name:16} {text} {cpu:11.2f} {p99:8.2f}"
