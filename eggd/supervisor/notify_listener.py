"""Listens to all processes on one loop: the notify socket, their outputs, and their ends.

The kernel names the sender of a datagram (SCM_CREDENTIALS). Only datagrams of main processes count,
not those of their children (NotifyAccess=main).
"""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

from eggd.socketfile import identity
from eggd.supervisor.child import Child
from eggd.supervisor.sockets import bind_socket, unlink
from eggd.supervisor.units import SocketPlan
from eggd.wire import ucred
from eggd.wire.notify import LONGEST, decode

_PIECE = 1 << 16
_AT_ONCE = 256
"""Datagrams or pieces of output that are read at once: no process may block the loop."""


class NotifyListener:
    """Listens at `path` and to each child from `listen` until its end; needs a running loop."""

    name = "the notify socket"

    def __init__(self, path: str) -> None:
        self.path = path
        self._loop = asyncio.get_running_loop()
        self._children: dict[int, Child] = {}
        self._plan = SocketPlan(
            unit="notify", listen=path, datagram=True, pass_credentials=True, mode=0o600
        )
        self._sockets: list[socket.socket] = []
        self._file: tuple[int, int] | None = None
        self.restore()

    @property
    def paths(self) -> list[Path]:
        """The file of the socket."""
        return [Path(self.path)]

    @property
    def intact(self) -> bool:
        """Whether a process that starts now can reach the notify socket."""
        return self._file is not None and identity(self.path) == self._file

    def restore(self) -> None:
        """Binds the path again; running processes keep using the old socket, which is still
        read."""
        sock = bind_socket(self._plan)
        self._file = identity(self.path)
        self._sockets.append(sock)
        self._loop.add_reader(sock, self._receive_all)

    def listen(self, child: Child) -> None:
        """Listens to this child; data that it sent before waits in socket and pipe."""
        self._children[child.pid] = child
        self._loop.add_reader(child.output, self._read_output, child)
        self._loop.add_reader(child.pidfd, self._ended, child)

    def close(self) -> None:
        """Stops listening and removes the socket."""
        for sock in self._sockets:
            self._loop.remove_reader(sock)
            sock.close()
        for child in list(self._children.values()):
            self._forget(child)
        unlink(self._plan)

    def _receive_all(self) -> None:
        for sock in self._sockets:
            self._receive(sock)

    def _receive(self, sock: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                data, extra, _, _ = sock.recvmsg(LONGEST + 1, socket.CMSG_SPACE(12))
            except BlockingIOError:
                return
            child = self._children.get(_sender(extra))
            if child is not None:
                child.handle_notification(decode(data))

    def _read_output(self, child: Child) -> None:
        if not _read(child):
            self._loop.remove_reader(child.output)

    def _ended(self, child: Child) -> None:
        self._receive_all()
        _read(child)
        self._forget(child)
        child.reap()

    def _forget(self, child: Child) -> None:
        self._loop.remove_reader(child.output)
        self._loop.remove_reader(child.pidfd)
        self._children.pop(child.pid, None)


def _read(child: Child) -> bool:
    """Reads the pipe; returns False at its end."""
    for _ in range(_AT_ONCE):
        try:
            piece = os.read(child.output, _PIECE)
        except BlockingIOError:
            return True
        if not piece:
            return False
        child.handle_output(piece)
    return True


def _sender(extra: list[tuple[int, int, bytes]]) -> int:
    """Returns the pid that the kernel vouches for; 0 without one."""
    credentials = ucred.sender(extra, socket.SOL_SOCKET, socket.SCM_CREDENTIALS)
    return credentials.pid if credentials else 0
