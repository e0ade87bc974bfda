"""A worker's memory: it does not grow with its requests, and has no module that may not be used."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

import pytest

from eggd.testing.suite import Suite
from tests.cluster.clients import TIMEOUT
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


UNUSED = {
    "ctypes": "timers, and inotify in the agent",
    "difflib": "the hint of an error",
    "html.entities": "HTML of a client",
    "mimetypes": "eggd has a table of its own",
    "multipart": "an upload",
    "prometheus_client": "metrics, in the agent",
    "pycurl": "a request of the HTTP client",
    "redis": "a Redis server in the config",
    "watchdog": "watched files, in the agent",
    "zoneinfo": "a job of a named time zone",
}
"""Modules of 100 KiB and more, each with its first use."""


def test_a_worker_does_not_import_what_it_does_not_use(start: Start) -> None:
    """All plugins of an Egg app are on."""
    suite = start(files={"app/router.py": MODULES}, EGG_PLUGINS='{"security": true}')
    assert UNUSED.keys() & modules(suite) == set()


def modules(suite: Suite) -> set[str]:
    """Returns the modules of a worker."""
    connection = HTTPConnection("localhost", timeout=TIMEOUT)
    connection.sock = suite.connect()
    connection.request("GET", "/")
    names = connection.getresponse().read().decode().split()
    connection.close()
    return set(names)


MODULES = """
    import sys


    def router(app):
        app.router.get("/", lambda ctx: " ".join(sys.modules))
"""

ROUTER = """
    async def hello(ctx):
        ctx.body = {"path": ctx.path, "agent": ctx.get("User-Agent")}


    def router(app):
        app.router.get("/", hello)
"""
