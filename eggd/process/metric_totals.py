"""The reports of the workers, summed over the processes of each slot.

A counter does not go backwards when a worker is started again: the last report of each former
process is added to that of the present one. A restart of the agent forgets former processes.
"""

from __future__ import annotations

from collections.abc import Iterable

from eggd.app import dependencies
from eggd.http.meter import BOUNDS
from eggd.messenger import Member
from eggd.suite.metrics import FAMILIES, LATENCY, LATENCY_SUM

Report = dict[str, list[float]]
"""The numbers of each family."""

_LENGTHS = {
    **{family.key: len(family.values) for family in FAMILIES},
    **{LATENCY: len(BOUNDS) + 1, LATENCY_SUM: 1},
}
_LARGEST = 2.0**63
"""The largest number of a valid report."""
_GAUGES = {family.key for family in FAMILIES if not family.counts}


class Totals:
    """The sums by slot."""

    def __init__(self) -> None:
        self.ready: dict[int, bool] = {}
        """Whether the worker of each slot serves."""
        self.problems: dict[int, dict[str, str]] = {}
        """The problems of the dependencies of each serving worker, "" of those that work."""
        # The process that reported last, its report, and the sum of those before it.
        self._pids: dict[int, int] = {}
        self._current: dict[int, Report] = {}
        self._past: dict[int, Report] = {}
        # The process of each slot that has left: its last report is in the sum already.
        self._ended: dict[int, int] = {}

    def update(self, members: Iterable[Member]) -> None:
        """Takes the members after a change of one of them."""
        for member in members:
            self.ready[member.slot] = member.state == "ready"
            problems = dependencies.checked(member.figures.get(dependencies.FIGURE))
            self.problems[member.slot] = problems if self.ready[member.slot] else {}
            if member.pid == self._ended.get(member.slot):
                continue
            if self._pids.get(member.slot) != member.pid:
                self._end(member.slot)
                self._pids[member.slot] = member.pid
            if member.state == "left":
                self._end(member.slot)
                self._ended[member.slot] = member.pid

    def take(self, slot: int, pid: int, report: object) -> None:
        """Takes the report of a worker; one of a former process or without a valid family is
        ignored."""
        if self._pids.get(slot) == pid != self._ended.get(slot) and (valid := checked(report)):
            self._current[slot] = valid

    def reports(self) -> dict[int, Report]:
        """Returns the sums of each slot."""
        slots = sorted({*self._past, *self._current})
        return {
            slot: added(self._past.get(slot, {}), self._current.get(slot, {})) for slot in slots
        }

    def _end(self, slot: int) -> None:
        """Adds the counters of a process that has ended to those before it."""
        last = self._current.pop(slot, {})
        counters = {key: numbers for key, numbers in last.items() if key not in _GAUGES}
        self._past[slot] = added(self._past.get(slot, {}), counters)


def added(one: Report, other: Report) -> Report:
    """Returns the sum of two reports; a family of only one of them is copied."""
    return {
        key: [a + b for a, b in zip(one[key], other[key], strict=True)]
        if key in one and key in other
        else [*(one.get(key) or other[key])]
        for key in {**one, **other}
    }


def checked(report: object) -> Report:
    """Returns the valid families of a worker's report: as many finite numbers as expected."""
    if not isinstance(report, dict):
        return {}
    return {key: report[key] for key, length in _LENGTHS.items() if _valid(report.get(key), length)}


def _valid(numbers: object, length: int) -> bool:
    return (
        isinstance(numbers, list)
        and len(numbers) == length
        and all(type(each) in (int, float) and 0 <= each <= _LARGEST for each in numbers)
    )
