"""The limits at which a worker is replaced."""

import pytest

from eggd.suite.recycle import Limits


@pytest.mark.parametrize(
    ("limits", "figures", "reached"),
    [
        (Limits(), (10**9, 1e9, 1 << 40), ""),
        (Limits(requests=10_000), (9_999, 1e9, 1 << 40), ""),
        (Limits(requests=10_000), (10_012, 0, 0), "after 10,012 requests"),
        (Limits(age=3600), (0, 3599, 0), ""),
        (Limits(age=3600), (0, 3600, 0), "after 1 h"),
        (Limits(age=5400), (0, 5400, 0), "after 1.5 h"),
        (Limits(age=0.5), (0, 0.5, 0), "after 0.5 s"),
        (Limits(memory=1 << 30), (0, 0, (1 << 30) - 1), ""),
        (Limits(memory=1 << 30), (0, 0, 1200 << 20), "at 1,200 MiB of memory"),
        (Limits(requests=1, age=1, memory=1), (1, 1, 1 << 20), "at 1 MiB of memory"),
    ],
)
def test_a_limit_is_reached(limits: Limits, figures: tuple[int, float, int], reached: str) -> None:
    assert limits.reached(*figures) == reached


def test_jitter_raises_requests_and_age_but_not_memory() -> None:
    raised = Limits(requests=1000, age=60, memory=5, ceiling=9).raised(0.1)
    assert raised == Limits(requests=1100, age=66, memory=5, ceiling=9)
