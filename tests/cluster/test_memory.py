"""A worker's memory does not grow with the number of requests that it has answered."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cluster.conftest import Start

GROWTH = 2 * 1024
"""Most KiB between the first requests and the last: the allocator keeps some free pages."""


def resident(pid: int) -> int:
    """Returns the resident memory of a process in KiB (proc(5))."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def requests(port: int, least: int) -> int:
    """Sends at least that many requests on 64 connections; returns how many were answered."""
    total = 0
    while total < least:
        wrk = ["wrk", "-t1", "-c64", "-d1", f"http://127.0.0.1:{port}/"]
        done = subprocess.run(wrk, capture_output=True, text=True, check=True)
        assert "Non-2xx" not in done.stdout
        assert "Socket errors" not in done.stdout
        total += int(re.search(r"(\d+) requests in", done.stdout)[1])  # type: ignore[index]
    return total


@pytest.mark.parametrize(
    "count", [1, pytest.param(2_000_000, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
)
def test_memory_is_steady(start: Start, count: int, figure: Callable[[str], None]) -> None:
    suite = start(workers=1, files={"app/router.py": ROUTER})
    pid = suite.worker(1).pid
    requests(suite.port, 20_000)
    before = resident(pid)
    answered = requests(suite.port, count)
    grown = resident(pid) - before
    assert grown <= GROWTH
    figure(f"{answered:,} requests on one worker: {grown:+,} KiB of {before:,} KiB")


ROUTER = """
    async def hello(ctx):
        ctx.body = {"path": ctx.path, "agent": ctx.get("User-Agent")}


    def router(app):
        app.router.get("/", hello)
"""
