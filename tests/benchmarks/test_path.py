"""The cost of one request, without a network: both ways of showing it run."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.house.imports import ROOT


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "pattern"),
    [
        ("--head=browser", r"echo +\d+\.\d\d us best, +\d+\.\d\d us median\n"),
        ("--profile", r"(?s)echo: \d+\.\d us each, profiled\n.*eggd/http/connection\.py:\d+ _one"),
    ],
)
def test_what_a_request_costs(option: str, pattern: str) -> None:
    argv = [sys.executable, str(ROOT / "benchmarks" / "path"), "--route", "echo", option]
    done = subprocess.run([*argv, "--requests", "50"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.match(pattern, done.stdout), done.stdout
