"""Notices clients that close while reading is paused.

An event loop learns of a FIN or a reset by reading. A connection whose reading is paused (unread
body, too many pipelined requests) or whose input has ended is therefore watched by one epoll
instance of the server (EPOLLRDHUP, epoll_ctl(2)), which the event loop polls like a socket.

Limit: a FIN after bytes that do not fit into the kernel's receive buffer arrives only when they
are read. `body_timeout`, `write_timeout` and `server_timeout` end such connections.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Callable
from contextlib import suppress

HungUp = Callable[[bool], None]
"""Called with False when the client has closed its sending side, with True when the connection is
reset."""

_LOST = select.EPOLLERR | select.EPOLLHUP
_BATCH = 64
"""Events taken in one turn of the event loop."""


class HangUps:
    """The watched sockets of one server."""

    def __init__(self) -> None:
        # None unless open.
        self._epoll: select.epoll | None = None
        # The callback of each watched file descriptor.
        self._watched: dict[int, HungUp] = {}

    def open(self) -> None:
        """Starts watching; needs a running event loop."""
        self._epoll = select.epoll()
        asyncio.get_running_loop().add_reader(self._epoll.fileno(), self._ready)

    def close(self) -> None:
        """Stops watching; needs the running event loop of `open`."""
        epoll, self._epoll = self._epoll, None
        self._watched.clear()
        if epoll is not None:
            asyncio.get_running_loop().remove_reader(epoll.fileno())
            epoll.close()

    def watch(self, fd: int, hung_up: HungUp, *, input_ended: bool) -> None:
        """Calls `hung_up` when the client closes; with `input_ended` only when it resets."""
        self.forget(fd, self._watched.get(fd))
        if self._epoll is not None:
            self._watched[fd] = hung_up
            self._epoll.register(fd, 0 if input_ended else select.EPOLLRDHUP)

    def forget(self, fd: int, hung_up: HungUp | None) -> None:
        """Stops watching a socket, unless its number already belongs to another connection."""
        if hung_up is not None and self._watched.get(fd) == hung_up:
            del self._watched[fd]
            if self._epoll is not None:
                with suppress(OSError):  # closed sockets leave an epoll instance by themselves
                    self._epoll.unregister(fd)

    def _ready(self) -> None:
        assert self._epoll is not None
        for fd, events in self._epoll.poll(0, _BATCH):
            hung_up = self._watched.get(fd)
            if hung_up is None:
                continue
            if events & _LOST:
                self.forget(fd, hung_up)
            else:
                self._epoll.modify(fd, 0)
            hung_up(bool(events & _LOST))
            if self._epoll is None:
                return
