"""The benchmark of routes measures 10 and 10,000 of them and compares the two with its limit."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.imports import ROOT


@pytest.mark.slow
@pytest.mark.parametrize(("limit", "code"), [("1000", 0), ("0.001", 1)])
def test_both_sizes_are_measured_and_compared(limit: str, code: int) -> None:
    """The figure itself is for a quiet machine: `make bench`."""
    argv = [sys.executable, str(ROOT / "benchmarks" / "routes"), "--limit", limit]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert "10 routes" in done.stdout
    assert "10000 routes" in done.stdout
