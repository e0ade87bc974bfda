"""The linters are tests: one command checks everything."""

import subprocess
import sys

import pytest

from tests.house.imports import ROOT

LINTERS = {
    "ruff": ["ruff", "check", "--quiet", "--output-format=concise", "."],
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "mypy": ["mypy", "--no-error-summary", "--no-pretty"],
}


@pytest.mark.parametrize("name", LINTERS)
def test_linter_is_content(name: str) -> None:
    argv = [sys.executable, "-m", *LINTERS[name]]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        pytest.fail("\n".join([*lines[:40], f"{name}: {len(lines)} lines"]), pytrace=False)
