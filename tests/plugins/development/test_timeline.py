"""The places of steps in the timeline, and the slow ones, by tables of times."""

from __future__ import annotations

import pytest

from eggd.plugins.development.starts import Start, Step
from eggd.plugins.development.timeline import bars

Times = tuple[float, float]


def start(*times: Times, beside: frozenset[int] = frozenset()) -> Start:
    steps = [
        Step(name=str(n), start=begin, end=end, pid=1, beside=n in beside, unfinished=False)
        for n, (begin, end) in enumerate(times)
    ]
    return Start(role="worker", slot=1, steps=steps)


@pytest.mark.parametrize(
    ("times", "rows", "own"),
    [
        ([(0, 10)], [0], [10]),
        ([(0, 10), (10, 20)], [0, 0], [10, 10]),
        ([(0, 10), (2, 5)], [0, 1], [7, 3]),
        ([(0, 10), (2, 5), (5, 9)], [0, 1, 1], [3, 3, 4]),
        ([(0, 10), (2, 8), (3, 4)], [0, 1, 2], [4, 5, 1]),
        ([(0, 10), (0, 10), (0, 10)], [0, 1, 2], [0, 0, 10]),
        ([(0, 10), (2, 6), (4, 8)], [0, 1, 2], [4, 4, 4]),
        ([(0, 10), (10, 20), (11, 12)], [0, 0, 1], [10, 9, 1]),
        ([(5, 5), (5, 9)], [1, 0], [0, 4]),
    ],
)
def test_rows_and_own_times(times: list[Times], rows: list[int], own: list[float]) -> None:
    found = bars(start(*times), 5000)
    assert sorted((bar.step.name, bar.row, bar.own) for bar in found) == [
        (str(n), *each) for n, each in enumerate(zip(rows, own, strict=True))
    ]


def test_hooks_that_run_beside_each_other_are_not_within_each_other() -> None:
    found = bars(start((0, 100), (10, 90), (20, 30), (25, 28), beside=frozenset({1, 2})), 5000)
    assert [(bar.row, bar.own) for bar in found] == [(0, 20), (1, 80), (2, 7), (3, 3)]


@pytest.mark.parametrize(
    ("times", "slow_from", "slow"),
    [
        ([(0, 1000), (0, 100)], 5000, ["1"]),
        ([(0, 1000), (0, 99)], 5000, []),
        ([(0, 1000), (0, 300), (0, 290)], 5000, ["2"]),
        # a tenth of a start that is short is nothing to look at
        ([(0, 100), (0, 49)], 5000, []),
        ([(0, 1000), (0, 60)], 60, ["1"]),
        ([(0, 9000)], 5000, []),
    ],
)
def test_slow_steps_are_marked(times: list[Times], slow_from: float, slow: list[str]) -> None:
    assert [bar.step.name for bar in bars(start(*times), slow_from) if bar.slow] == slow
