"""Timers of the agent: for a time of day on the wall clock, or for a span of elapsed time.

timerfd_create(2) with TFD_TIMER_CANCEL_ON_SET fires at the date, also after a suspend, and when the
clock is set. The timers of the event loop notice neither.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field

WALL, ELAPSED = time.CLOCK_REALTIME, time.CLOCK_BOOTTIME
"""The clock that people set, and the one that runs evenly, also while the machine is suspended."""

Clock = Callable[[int], float]
"""Returns the time of WALL or ELAPSED in seconds; a test may give its own."""

_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
_ABSOLUTE, _CANCEL_ON_SET = 1, 2  # of timerfd_settime(2), <sys/timerfd.h>
_ITIMERSPEC = struct.Struct("@llll")
"""The interval in seconds and nanoseconds, and the value, likewise."""
_NEVER = 0xFFFF_FFFF
"""Unix time in 2106: a later time is set as this one, and checked again then."""


@dataclass(order=True, slots=True)
class Timer:
    """One call that is due at a time of its clock."""

    when: float
    """Seconds: Unix time, or the elapsed time since the machine has booted."""
    number: int
    """Timers for the same time are called in the order in which they were set."""
    call: Callable[[], object] = field(compare=False)
    """The function that is called."""
    cancelled: bool = field(compare=False, default=False)
    """Whether the call will not be made."""

    def cancel(self) -> None:
        """Prevents the call; a second call of this, or one after the time, does nothing."""
        self.cancelled = True


class Timers:
    """Calls functions at their time: never early, in order, late if the loop was blocked.

    A timer is set on the loop. Without timers no descriptor is open.
    """

    def __init__(self, clock: Clock = time.clock_gettime) -> None:
        self.clock = clock
        self._shift = 0.0
        """Seconds by which the wall clock of these timers is ahead of that of the machine."""
        self._queues: dict[int, list[Timer]] = {WALL: [], ELAPSED: []}
        self._fds: dict[int, int] = {}
        """The timerfd of each clock that has had a timer; empty with a clock of a test."""
        self._numbers = itertools.count()
        self._clock_set: list[Callable[[], object]] = []

    def at(self, when: float, call: Callable[[], object]) -> Timer:
        """Calls `call()` when the wall clock reaches the Unix time `when`, or has passed it."""
        return self._add(WALL, when, call)

    def after(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Calls `call()` after `seconds`, however the wall clock is set meanwhile."""
        return self._add(ELAPSED, self.elapsed_time() + seconds, call)

    def wall_time(self) -> float:
        """Returns the Unix time."""
        return self._now(WALL)

    def shift_wall(self, seconds: float) -> None:
        """Sets the wall clock of these timers to `seconds` ahead of the machine's (0: the same), as
        settimeofday(2) sets that of the machine: a test of one process needs no other clock."""
        self._shift = seconds
        self.clock_was_set()
        self.run_due()

    def elapsed_time(self) -> float:
        """Returns the seconds since the machine has booted, those of a suspend included."""
        return self._now(ELAPSED)

    def at_elapsed(self, when: float, call: Callable[[], object]) -> Timer:
        """Calls `call()` when the clock ELAPSED reaches `when`, or has passed it."""
        return self._add(ELAPSED, when, call)

    def on_clock_set(self, call: Callable[[], object]) -> None:
        """Calls `call()` each time that the wall clock was set, before timers that are due."""
        self._clock_set.append(call)

    def next_due(self, clock: int) -> float | None:
        """Returns the time of the next timer of a clock, None without one."""
        queue = self._queues[clock]
        while queue and queue[0].cancelled:
            heapq.heappop(queue)
        return queue[0].when if queue else None

    def run_due(self) -> None:
        """Calls what is due; timers that these calls set are called later if they are due, too.

        An exception of a call goes to the exception handler of the loop; the others are called.
        """
        due = [timer for clock in self._queues for timer in self._take(clock)]
        try:
            for timer in due:
                if not timer.cancelled:
                    _attempt(timer.call)
        finally:
            for clock in self._fds:
                self._arm(clock)

    def clock_was_set(self) -> None:
        """Calls what `on_clock_set` was given; timers on the loop notice a set clock themselves."""
        for call in self._clock_set:
            _attempt(call)

    def close(self) -> None:
        """Drops all timers and closes the descriptors; on the loop. A second call does nothing."""
        for queue in self._queues.values():
            queue.clear()
        for fd in self._fds.values():
            asyncio.get_running_loop().remove_reader(fd)
            os.close(fd)
        self._fds.clear()
        self._clock_set.clear()

    def _add(self, clock: int, when: float, call: Callable[[], object]) -> Timer:
        timer = Timer(when, next(self._numbers), call)
        heapq.heappush(self._queues[clock], timer)
        if self.clock is time.clock_gettime and self.next_due(clock) == when:
            self._arm(clock)
        return timer

    def _now(self, clock: int) -> float:
        return self.clock(clock) + (self._shift if clock == WALL else 0.0)

    def _take(self, clock: int) -> list[Timer]:
        now, queue, due = self._now(clock), self._queues[clock], []
        while queue and queue[0].when <= now:
            due.append(heapq.heappop(queue))
        return due

    def _arm(self, clock: int) -> None:
        """Sets the timerfd to the next timer; without one only to learn that the clock was set."""
        fd = self._fds.get(clock)
        if fd is None:
            fd = self._fds[clock] = _call("timerfd_create", clock, _FLAGS)
            asyncio.get_running_loop().add_reader(fd, self._on_wake, fd)
        when = self.next_due(clock)
        when = _NEVER if when is None else when - (self._shift if clock == WALL else 0)
        nanoseconds = max(1, int(min(when, _NEVER) * 1e9) + 1)
        seconds, rest = divmod(nanoseconds, 10**9)
        timer = _ITIMERSPEC.pack(0, 0, seconds, rest)
        flags = _ABSOLUTE | (_CANCEL_ON_SET if clock == WALL else 0)
        _call("timerfd_settime", fd, flags, timer, None)

    def _on_wake(self, fd: int) -> None:
        try:
            os.read(fd, 8)
        except BlockingIOError:
            return
        except OSError:  # ECANCELED
            self.clock_was_set()
        self.run_due()


def _attempt(call: Callable[[], object]) -> None:
    try:
        call()
    except Exception as exc:
        context = {"message": f"a timer has failed: {call!r}", "exception": exc}
        asyncio.get_running_loop().call_exception_handler(context)


def _call(function: str, *args: object) -> int:
    """Returns the result of a function of libc; raises OSError."""
    import ctypes  # for the first timer: it takes 180 KiB

    result = int(getattr(ctypes.CDLL(None, use_errno=True), function)(*args))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{function}: {os.strerror(code)}")
    return result
