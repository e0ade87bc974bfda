"""A test runs a job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eggd.errors import LoadError

Run = Callable[..., Any]


@pytest.mark.parametrize("name", ["clean", "clean.py", "/app/schedule/clean.py"])
def test_a_job_runs_in_a_context_of_its_own(run_schedule: Run, app_dir: Path, name: str) -> None:
    # process:SCH-40, SCH-60
    path = f"{app_dir}{name}" if name.startswith("/") else name
    assert run_schedule(path, 1, "a") == [True, "SCHEDULE", "1h", [1, "a"]]


def test_an_unknown_job_is_an_error(run_schedule: Run) -> None:
    """The nearest job is named (process:SCH-60)."""
    with pytest.raises(LoadError, match=r"'claen' does not exist .*'clean'"):
        run_schedule("claen")
