"""The counts of `benchmarks/capacity`, with few operations."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.imports import ROOT


@pytest.mark.slow
def test_each_kind_of_operation_has_its_commands() -> None:
    """The commands of one operation are exact: docs/scale.md has them."""
    command = [sys.executable, str(ROOT / "benchmarks/capacity"), "--count", "100", "--hosts", "4"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    assert [row[-4] for row in rows] == ["2.00", "1.00", "1.00", "9.00", "5.00", "0.10"]
