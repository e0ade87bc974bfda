"""Timers of the agent, on a virtual clock and on that of the kernel."""

from __future__ import annotations

import asyncio
import os
import time
from functools import partial

import uvloop

from eggd.app.timers import ELAPSED, WALL, Timers


class VirtualClock:
    """A wall clock and an elapsed time that a test sets."""

    def __init__(self) -> None:
        self.times = {WALL: 1000.0, ELAPSED: 50.0}

    def __call__(self, clock: int) -> float:
        return self.times[clock]


def test_timers_are_called_in_order_and_never_early() -> None:
    """A call is made at its time; one that is late comes before later ones (known:KO-11)."""
    clock, calls = VirtualClock(), list[object]()
    timers = Timers(clock)
    for when in (1003.0, 1001.0, 1002.0, 1001.0):
        timers.at(when, partial(calls.append, when))
    clock.times[WALL] = 1000.998
    timers.run_due()
    assert (calls, timers.next_due(WALL)) == ([], 1001.0)
    clock.times[WALL] = 1002.5
    timers.run_due()
    assert (calls, timers.next_due(WALL)) == ([1001.0, 1001.0, 1002.0], 1003.0)


def test_a_cancelled_timer_is_not_called() -> None:
    clock, calls = VirtualClock(), list[object]()
    timers = Timers(clock)

    def call_first() -> None:
        calls.append(1)
        second.cancel()

    first = timers.after(1, call_first)
    second = timers.after(1, lambda: calls.append(2))
    third = timers.after(0.5, lambda: calls.append(3))
    third.cancel()
    assert timers.next_due(ELAPSED) == first.when == 51.0
    clock.times[ELAPSED] = 60.0
    timers.run_due()
    assert (calls, timers.next_due(ELAPSED)) == ([1], None)


def test_elapsed_time_ignores_the_wall_clock() -> None:
    clock, calls = VirtualClock(), list[object]()
    timers = Timers(clock)
    timers.after(10, lambda: calls.append("elapsed"))
    timers.on_clock_set(lambda: calls.append("set"))
    clock.times[WALL] += 1_000_000
    timers.clock_was_set()
    timers.run_due()
    assert calls == ["set"]


def test_the_kernel_wakes_at_both_times() -> None:
    """A timer set last but due first is called first; far ones cost nothing (process:SCH-8)."""

    async def main() -> list[str]:
        calls: list[str] = []
        done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        timers = Timers()
        timers.at(time.time() + 40 * 365 * 86_400, lambda: calls.append("far"))
        timers.at(time.time() + 0.2, lambda: done.set_result("wall"))
        timers.after(0.1, lambda: calls.append("elapsed"))
        timers.after(0.05, lambda: calls.append("first"))
        timers.at(1.0, lambda: calls.append("past"))
        calls.append(await asyncio.wait_for(done, 60))
        timers.close()
        return calls

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(main()) == ["past", "first", "elapsed", "wall"]


def test_a_shifted_wall_clock_is_that_of_another_time() -> None:
    """Its timers are due by the shifted time, those of elapsed time as before."""

    async def main() -> list[str]:
        calls: list[str] = []
        done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        timers = Timers()
        timers.on_clock_set(lambda: calls.append("set"))
        timers.at(time.time() + 3600, lambda: calls.append("passed"))
        timers.after(3600, lambda: calls.append("elapsed"))
        timers.shift_wall(7200)
        timers.at(timers.wall_time() + 0.1, lambda: done.set_result("soon"))
        calls.append(await asyncio.wait_for(done, 60))
        timers.shift_wall(0)
        assert abs(timers.wall_time() - time.time()) < 60
        timers.close()
        return calls

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(main()) == ["set", "passed", "soon", "set"]


def test_only_timers_open_descriptors_and_close_releases_them() -> None:
    async def main() -> list[int]:
        counts = []
        timers = Timers()
        counts.append(len(os.listdir("/proc/self/fd")))
        timers.after(60, print)
        timers.after(30, print)
        counts.append(len(os.listdir("/proc/self/fd")))
        timers.close()
        timers.close()
        counts.append(len(os.listdir("/proc/self/fd")))
        return [count - counts[0] for count in counts]

    assert asyncio.run(main()) == [0, 1, 0]


def test_a_timer_that_raises() -> None:
    """Its exception goes to the handler of the loop; the other timers are called."""
    error, contexts = ValueError("x"), list[object]()

    def fail() -> None:
        raise error

    async def main() -> None:
        loop, called, timers = asyncio.get_running_loop(), asyncio.Event(), Timers()
        loop.set_exception_handler(lambda _, context: contexts.append(context["exception"]))
        timers.on_clock_set(fail)
        timers.clock_was_set()
        timers.after(0, fail)
        timers.after(0.001, called.set)
        await called.wait()
        timers.close()

    asyncio.run(main())
    assert contexts == [error, error]
