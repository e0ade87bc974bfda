"""The sums of workers' reports, of which any may be malformed or late."""

from __future__ import annotations

import math

import pytest

from eggd.messenger import Member
from eggd.process.metric_totals import Totals, checked


@pytest.mark.parametrize(
    "report",
    [
        *(None, 7, "x", [], {}),
        *({"requests": 1}, {"requests": []}, {"requests": [1, 2]}, {"requests": {"a": 1}}),
        *({"requests": [True]}, {"requests": ["1"]}, {"requests": [None]}, {"requests": [-1]}),
        *({"requests": [math.nan]}, {"requests": [math.inf]}, {"requests": [10**400]}),
        *({"latency": [0] * 3}, {"unknown": [1]}),
    ],
)
def test_a_malformed_report_has_no_family(report: object) -> None:
    assert checked(report) == {}


def test_a_valid_family_beside_a_malformed_one_is_kept() -> None:
    assert checked({"requests": [3], "cpu": ["x"]}) == {"requests": [3]}


def member(pid: int, state: str = "ready") -> Member:
    return Member(slot=1, pid=pid, state=state, since=0.0)


def test_counters_are_summed_over_processes_and_gauges_are_not() -> None:
    totals = Totals()
    totals.update([member(10)])
    totals.take(1, 10, {"requests": [5], "memory": [100]})
    totals.update([member(10, "left")])
    totals.take(1, 10, {"requests": [9]})  # late: it is in the sum already
    assert totals.reports() == {1: {"requests": [5]}}
    totals.update([member(11)])
    totals.take(1, 10, {"requests": [9]})  # of a former process
    totals.take(2, 10, {"requests": [9]})  # of a slot that is not known
    totals.take(1, 11, {"requests": [1], "memory": [70]})
    assert totals.reports() == {1: {"requests": [6], "memory": [70]}}
    assert totals.ready == {1: True}
