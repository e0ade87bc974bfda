"""A test that waits for ever ends at its limit, wherever it waits (tests/deadline.py)."""

from __future__ import annotations

import pytest

from tests.house.imports import ROOT

CONFTEST = """
from tests import deadline
deadline.AGAIN = 1.5  # more than the report of a failure takes on a busy machine
"""

WAITS = """
import asyncio, subprocess, threading
import pytest, uvloop

def never():
    threading.Event().wait()

@pytest.fixture(scope="module")
def shared():
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()

def test_shared(shared):
    assert shared.poll() is None

@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_loop(loop):
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(asyncio.Event().wait())

def test_end_of_a_process():
    process = subprocess.Popen(["sleep", "600"], stdout=subprocess.PIPE)
    try:
        never()
    finally:
        process.communicate()

@pytest.fixture
def teardown():
    yield
    never()

def test_teardown(teardown):
    raise ValueError("a failure before")

def test_processes_of_earlier_tests(shared):
    assert shared.poll() is None
"""


def test_each_wait_ends(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait of a loop, for a process and of a teardown end; earlier processes are kept."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(WAITS)
    options = ("-p", "tests.deadline", "--timeout=0.5", "-p", "no:cacheprovider")
    done = pytester.runpytest_subprocess(*options, timeout=60)
    done.assert_outcomes(passed=2, failed=4, errors=1)
    done.stdout.fnmatch_lines(["*the test takes longer than 0.5 s*"])
