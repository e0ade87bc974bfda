"""Reports the end of processes: pidfds in the loop (pidfd_open(2)), without polling."""

from __future__ import annotations

import asyncio
import errno
import os
import select
from collections.abc import Callable


class Liveness:
    """The watched processes; the end of each is reported once."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # pidfds by pid
        self._fds: dict[int, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, pid: int, gone: Callable[[int], None]) -> bool:
        """Calls `gone(pid)` when the process exits; False, without a call, if it has already.

        Without a pidfd (a limit of the kernel) only a refused datagram reports the end.
        """
        if pid in self._fds:
            return True
        try:
            fd = os.pidfd_open(pid)
        except OverflowError:
            return False
        except OSError as exc:
            return exc.errno not in (errno.ESRCH, errno.EINVAL)
        if _has_exited(fd):
            os.close(fd)
            return False
        self._fds[pid] = fd
        self._loop.add_reader(fd, self._exited, pid, gone)
        return True

    def watches(self, pid: int) -> bool:
        """Returns whether a pidfd will report the end of this process."""
        return pid in self._fds

    def forget(self, pid: int) -> None:
        """Stops watching a process."""
        fd = self._fds.pop(pid, None)
        if fd is not None:
            self._loop.remove_reader(fd)
            os.close(fd)

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Calls `call()` after `seconds`, unless this is closed before; the last call counts."""
        self.drop_timer()
        self._timer = self._loop.call_later(seconds, call)

    def drop_timer(self) -> None:
        """Prevents the call of `after`."""
        if self._timer is not None:
            self._timer.cancel()

    def close(self) -> None:
        """Stops watching all processes, and the timer of `after`."""
        self.drop_timer()
        for pid in tuple(self._fds):
            self.forget(pid)

    def _exited(self, pid: int, gone: Callable[[int], None]) -> None:
        self.forget(pid)
        gone(pid)


def _has_exited(fd: int) -> bool:
    """Returns whether the process of a pidfd is a zombie."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(0))
