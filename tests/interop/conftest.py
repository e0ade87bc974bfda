"""Packages of npm, installed once, and Node to call them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from benchmarks import install
from tests.interop.test_cookies import Node

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def packages() -> Path:
    """Returns the folder with the packages of package-lock.json."""
    return install.npm(HERE / "packages")


@pytest.fixture(scope="session")
def node(packages: Path) -> Node:
    """Returns `node(cases)`: what npm's packages make of each case (cookies.mjs)."""

    def node(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
        command = ["node", str(HERE / "cookies.mjs"), str(packages)]
        given = json.dumps(cases)
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        return answers

    return node
