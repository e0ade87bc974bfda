"""The limit of a test, wherever it waits: a pytest plugin in place of pytest-timeout's timer.

That timer raises once, which does not end every wait: uvloop only reports an exception of a signal
handler, a block `with Popen(...)` waits for its process before it passes the exception on, and
after any failure the timer is off, so that the teardown has no limit. Here the alarm comes again
until the test has ended. From the second one on it kills the processes that the test has started,
so that their pipes close and a wait for their end returns.
"""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

AGAIN = 15.0
"""Seconds from one alarm to the next."""


class Settings(Protocol):
    """The settings of a test, by its marker or pyproject.toml, as pytest-timeout reads them."""

    timeout: float


class Deadline:
    """The alarms of one test. Its end cancels them; a failure does not."""

    def __init__(self, item: pytest.Item, seconds: float) -> None:
        self._item = item
        self._seconds = seconds
        # Earlier processes are of wider fixtures, such as a booted host, which later tests need.
        # The time tells them apart: a list of all processes would take 3 ms of each test.
        self._since = ticks()
        self._alarms = 0

    def start(self) -> None:
        """Sets the timer."""
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._seconds, AGAIN)

    def cancel(self) -> None:
        """Removes the timer."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def _ring(self, number: int, frame: object) -> None:
        self._alarms += 1
        loop = asyncio._get_running_loop()  # None on no loop
        reason = f"the test takes longer than {self._seconds:g} s"
        self._item.add_report_section("call", reason, stacks(loop))
        if self._alarms > 1:
            kill(descendants(self._since))
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)  # the wait for its future raises RuntimeError
        if loop is None or self._alarms > 1:
            pytest.fail(reason)


def pytest_timeout_set_timer(item: pytest.Item, settings: Settings) -> bool | None:
    """Starts the alarms of a test; leaves a thread that is not the main one to pytest-timeout."""
    if threading.current_thread() is not threading.main_thread():
        return None
    item.stash[DEADLINE] = Deadline(item, settings.timeout)
    item.stash[DEADLINE].start()
    return True


def pytest_timeout_cancel_timer(item: pytest.Item) -> bool | None:
    """Keeps the alarms at a failure, so that the teardown has a limit."""
    return True if DEADLINE in item.stash else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Cancels the alarms at the end of a test, after its teardown."""
    try:
        return (yield)
    finally:
        if DEADLINE in item.stash:
            item.stash[DEADLINE].cancel()


DEADLINE = pytest.StashKey[Deadline]()


def ticks() -> int:
    """Returns the time since the boot in the unit of proc_pid_stat(5)."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK"))


def descendants(since: int) -> set[int]:
    """Returns the pids of the processes below this one that have started at a time or later."""
    parents: dict[int, int] = {}
    chosen: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):  # it has ended
            continue
        parents[int(folder.name)] = int(fields[1])
        if int(fields[19]) >= since:
            chosen.add(int(folder.name))
    return {pid for pid in chosen if os.getpid() in _ancestors(pid, parents)}


def _ancestors(pid: int, parents: dict[int, int]) -> Iterator[int]:
    while pid := parents.get(pid, 0):
        yield pid


def kill(pids: set[int]) -> None:
    """Ends processes."""
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:  # it ended with its parent
            continue


def stacks(loop: asyncio.AbstractEventLoop | None) -> str:
    """Returns where each thread is, and each task of the loop."""
    lines: list[str] = []
    for thread in threading.enumerate():
        frame = sys._current_frames().get(thread.ident or 0)
        lines += [f"thread {thread.name}\n", *traceback.format_stack(frame)] if frame else []
    text = io.StringIO()
    for task in asyncio.all_tasks(loop) if loop else ():
        task.print_stack(file=text)
    return "".join(lines) + text.getvalue()
