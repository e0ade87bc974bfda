"""Pauses between attempts grow to their limit, and begin again after a success."""

from __future__ import annotations

import pytest

from eggd import RetryPauses


def test_pauses_double_up_to_the_limit_until_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    pauses = RetryPauses(0.5, 3)
    assert not pauses.is_retrying
    assert [pauses.failure() for _ in range(5)] == [0.5, 1, 2, 3, 3]
    assert pauses.is_retrying
    pauses.success()
    assert not pauses.is_retrying
    assert pauses.failure() == 0.5


def test_processes_return_at_different_times() -> None:
    pauses = [RetryPauses(1, 10).failure() for _ in range(1000)]
    assert 0.5 <= min(pauses) < 0.55
    assert 0.95 < max(pauses) <= 1
