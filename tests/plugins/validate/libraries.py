"""Libraries that eggd does not depend on, installed once from PyPI into the cache of the tests."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

from tests.house.imports import ROOT

LONGEST = 150
"""Seconds for the download."""


def folder(requirement: str) -> Path:
    """Returns the folder of a library, such as `pydantic==2.10.6`, for PYTHONPATH."""
    cache = ROOT / ".cache/libraries"
    target = cache / requirement
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{requirement}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / "complete").exists():
            pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            subprocess.run(
                [*pip, "--target", str(target), requirement], check=True, timeout=LONGEST
            )
            (target / "complete").touch()
    return target
