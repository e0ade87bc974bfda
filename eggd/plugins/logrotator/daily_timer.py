"""A timer for a time of day on the wall clock.

timerfd_create(2) with TFD_TIMER_CANCEL_ON_SET fires at the date, also after a suspend, and when the
clock is set. The timers of the event loop notice neither.
"""

from __future__ import annotations

import asyncio
import ctypes
import datetime as dt
import os
import time
from collections.abc import Callable

_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC
_ABSOLUTE, _CANCEL_ON_SET = 1, 2  # of timerfd_settime(2), <sys/timerfd.h>


class _Timespec(ctypes.Structure):
    _fields_ = [("sec", ctypes.c_long), ("nsec", ctypes.c_long)]


class _Itimerspec(ctypes.Structure):
    _fields_ = [("interval", _Timespec), ("value", _Timespec)]


class DailyTimer:
    """Calls `due(tick)` each day at `at` local time, with the scheduled date and time.

    If the clock jumps over several days, there is one call, for the last of them.
    """

    def __init__(self, at: dt.time, due: Callable[[dt.datetime], None]) -> None:
        self._at = at
        self._due = due
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = -1
        """The timerfd; -1 while it is stopped."""
        self._next = dt.datetime.max
        """The tick for which the timer is set."""

    def start(self) -> None:
        """Starts the timer; needs a running loop. Raises OSError."""
        self._fd = self._call("timerfd_create", time.CLOCK_REALTIME, _FLAGS)
        asyncio.get_running_loop().add_reader(self._fd, self._on_wake)
        self._arm()

    def stop(self) -> None:
        """Stops the timer."""
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def last(self) -> dt.datetime:
        """Returns the latest tick that has passed."""
        return latest(self._at, dt.datetime.now())

    def _arm(self) -> None:
        self._next = self.last() + dt.timedelta(days=1)
        timer = _Itimerspec(value=_Timespec(sec=int(self._next.timestamp())))
        flags = _ABSOLUTE | _CANCEL_ON_SET
        self._call("timerfd_settime", self._fd, flags, ctypes.byref(timer), None)

    def _call(self, function: str, *args: object) -> int:
        result = int(getattr(self._libc, function)(*args))
        if result < 0:
            code = ctypes.get_errno()
            raise OSError(code, f"{function}: {os.strerror(code)}")
        return result

    def _on_wake(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:
            return
        except OSError:
            pass  # ECANCELED: the clock was set
        last, scheduled = self.last(), self._next
        self._arm()
        if last >= scheduled:
            self._due(last)


def latest(at: dt.time, now: dt.datetime) -> dt.datetime:
    """Returns the last date at time of day `at` that is not after `now`."""
    today = dt.datetime.combine(now.date(), at)
    return today if today <= now else today - dt.timedelta(days=1)
