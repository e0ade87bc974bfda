"""A start that blocks the loop fails; one that waits for a processor is given more time."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.program import Program

SPIN = """
import os, sys, time
from eggd.process.start_limit import run_delay
os.sched_setaffinity(0, {int(sys.argv[1])})
end = time.monotonic() + 10
while run_delay() < 0.02 and time.monotonic() < end:
    pass
print(run_delay())
"""

BLOCK = """
import asyncio, time
from pathlib import Path
from eggd.app.loading.timing import Timing
from eggd.process import start_limit

start_limit.BLOCKED, start_limit.GRACE = 0.2, 0.1
delays = iter([0.0] + [float(sys.argv[1]) * turn for turn in range(1, 1000)])
start_limit.run_delay = lambda: next(delays)
limit = start_limit.StartLimit(Timing("agent", Path("/")), lambda line: print(line, flush=True))
limit.set(30, "")
extensions = []

async def main():
    async with limit:
        time.sleep(2)

limit.watch(extensions.append)
asyncio.run(main())
print("ready" if len(extensions) > 2 else extensions)
"""


def run(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs a script of its own process."""
    return subprocess.run(
        [sys.executable, "-c", f"import sys\n{script}", *words],
        capture_output=True,
        text=True,
        check=False,
    )


def test_time_without_a_processor_is_counted() -> None:
    processor = str(min(os.sched_getaffinity(0)))
    command = [sys.executable, "-c", SPIN, processor]
    children = [Program[bytes](command, stdout=subprocess.PIPE) for _ in range(2)]
    delays = [float(child.communicate()[0]) for child in children]
    if not any(delays):
        pytest.skip("this kernel does not count the time without a processor")
    assert min(delays) > 0


@pytest.mark.parametrize(
    ("delay", "code", "output"),
    [("1.0", 0, "ready"), ("0.0", 1, "the start has blocked the loop")],
    ids=["overloaded host", "hung app"],
)
def test_a_blocked_start(delay: str, code: int, output: str) -> None:
    """An app that hangs fails; an overloaded host does not count."""
    done = run(BLOCK, delay)
    assert done.returncode == code, done.stderr
    assert output in done.stdout
