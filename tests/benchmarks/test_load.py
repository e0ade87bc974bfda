"""A large app loads in less than 1.5 times what importing its files plainly takes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.house.imports import ROOT


@pytest.mark.slow
def test_the_promise_about_loading_is_kept() -> None:
    argv = [sys.executable, str(ROOT / "benchmarks" / "load"), "--repetitions", "3", "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [len(found["runs"][kind]) for kind in ("eggd", "plain")] == [3, 3]
    assert 0.5 < found["ratio"]["cpu"] < found["promised"] == 1.5
