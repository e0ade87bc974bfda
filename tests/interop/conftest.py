"""Packages of npm, installed once per lock file under `.cache/npm`, and Node to call them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.house.imports import ROOT
from tests.interop.test_cookies import Node

HERE = Path(__file__).parent
CACHE = ROOT / ".cache/npm"


def run(*argv: str | Path, cwd: Path, given: str = "") -> str:
    done = subprocess.run(argv, cwd=cwd, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{argv[0]}: {done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def packages() -> Path:
    """Returns the folder with the packages of package-lock.json."""
    lock = (HERE / "package-lock.json").read_bytes()
    home = CACHE / f"interop-{hashlib.sha256(lock).hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as file:  # of two processes of pytest one installs
        fcntl.flock(file, fcntl.LOCK_EX)
        if not (home / ".filled").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, home)
            run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=home)
            (home / ".filled").touch()
    return home


@pytest.fixture(scope="session")
def node(packages: Path) -> Node:
    """Returns `node(cases)`: what npm's packages make of each case (cookies.mjs)."""

    def node(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
        text = run("node", HERE / "cookies.mjs", packages, cwd=HERE, given=json.dumps(cases))
        answers: list[dict[str, Any]] = json.loads(text)
        return answers

    return node
