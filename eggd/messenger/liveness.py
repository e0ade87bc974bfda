"""Reports the end of processes: pidfds in the loop (pidfd_open(2)), without polling."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable


class Liveness:
    """The watched processes; the end of each is reported once."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # pidfds by pid
        self._fds: dict[int, int] = {}

    def watch(self, pid: int, gone: Callable[[int], None]) -> bool:
        """Calls `gone(pid)` when the process exits; False, without a call, if it has already.

        Without a pidfd (a limit of the kernel) only a refused datagram reports the end.
        """
        if pid in self._fds:
            return True
        try:
            fd = os.pidfd_open(pid)
        except OSError as exc:
            return exc.errno != errno.ESRCH
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

    def close(self) -> None:
        """Stops watching all processes."""
        for pid in tuple(self._fds):
            self.forget(pid)

    def _exited(self, pid: int, gone: Callable[[int], None]) -> None:
        self.forget(pid)
        gone(pid)
