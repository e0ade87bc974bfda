"""The answers of a load: failures by kind, and percentiles of windows of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import truediv
from statistics import median


@dataclass(frozen=True, slots=True)
class Answer:
    """One request of the load; times in seconds."""

    due: float
    took: float
    failure: str
    pid: str | None
    new: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A span of CLOCK_MONOTONIC."""

    begin: float
    end: float

    def has(self, answer: Answer) -> bool:
        """Whether the request was due in this span."""
        return self.begin <= answer.due < self.end


def p99(answers: Iterable[Answer]) -> float:
    """Returns the 99th percentile of the latency, in seconds; raises ValueError without answers."""
    times = sorted(each.took for each in answers)
    if not times:
        raise ValueError("no request in this window")
    return times[min(len(times) - 1, len(times) * 99 // 100)]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Percentiles of faulty windows beside those of the quiet ones before them."""

    quiet: float
    """The median of the p99 of the quiet windows, in seconds."""
    ratio: float
    """The median, over the pairs, of p99 by p99."""


def compare(answers: Sequence[Answer], pairs: Sequence[tuple[Window, Window]]) -> Comparison:
    """Compares pairs of a quiet and a faulty window."""
    calm = [p99(filter(quiet.has, answers)) for quiet, _ in pairs]
    faulty = [p99(filter(window.has, answers)) for _, window in pairs]
    return Comparison(median(calm), median(map(truediv, faulty, calm)))


def failures(answers: Iterable[Answer]) -> Counter[str]:
    """Returns how many requests failed, by kind."""
    return Counter(each.failure for each in answers if each.failure)


def others(answers: Iterable[Answer], victims: Iterable[int]) -> list[Answer]:
    """Returns the failed requests that were not on a connection of a killed process.

    A request that a killed worker accepted but never answered has no pid: as a break of a
    connection it counts as the worker's own.
    """
    pids = {None, *map(str, victims)}
    broken = ("reset", "stale")
    return [
        each
        for each in answers
        if each.failure and not (each.failure in broken and each.pid in pids)
    ]
