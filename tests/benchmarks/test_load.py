"""The benchmark of loading runs, and its exit code is its verdict."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.house.imports import ROOT


@pytest.mark.slow
def test_the_benchmark_of_loading_measures_both_sides() -> None:
    """The verdict itself is `make bench`'s: no test depends on the speed of its machine."""
    argv = [sys.executable, str(ROOT / "benchmarks" / "load"), "--repetitions", "1", "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    kept = found["ratio"]["cpu"] < found["limit"]
    assert done.returncode == (0 if kept else 1), done.stderr
    assert all(run["cpu"] > 0 for kind in ("eggd", "plain") for run in found["runs"][kind])
