"""The benchmark of recovery runs, and its exit code is its verdict."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.house.imports import ROOT


@pytest.mark.slow
def test_a_killed_worker_is_missed_for_a_second_and_a_boot() -> None:
    """The verdict itself is the benchmark's: no test depends on the speed of its machine."""
    argv = ["/usr/bin/python3", str(ROOT / "benchmarks/recovery"), "--workers", "1", "--times", "2"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    found = re.fullmatch(r"(\d+\.\d\d) (\d+\.\d\d) s after kill -9 \(limit 2\)\n", done.stdout)
    assert found, done.stderr
    times = [float(seconds) for seconds in found.groups()]
    assert min(times) >= 1
    assert done.returncode == (max(times) > 2)
