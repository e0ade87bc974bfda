"""Whether a process lives: a pidfd in the loop (pidfd_open(2)), and nothing that polls."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable


class Liveness:
    """The processes that are watched; each tells once when it is gone."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._fds: dict[int, int] = {}

    def watch(self, pid: int, gone: Callable[[int], None]) -> bool:
        """Calls `gone(pid)` when it exits; false, and no call, if it has already.

        Where the kernel gives no pidfd, a refused datagram is what tells.
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
        """Whether a pidfd will report the end of this process."""
        return pid in self._fds

    def forget(self, pid: int) -> None:
        """Watches no longer."""
        fd = self._fds.pop(pid, None)
        if fd is not None:
            self._loop.remove_reader(fd)
            os.close(fd)

    def close(self) -> None:
        """Watches nobody any more."""
        for pid in tuple(self._fds):
            self.forget(pid)

    def _exited(self, pid: int, gone: Callable[[int], None]) -> None:
        self.forget(pid)
        gone(pid)
