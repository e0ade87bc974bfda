"""The user at the other end of a connection to a Unix socket."""

from __future__ import annotations

import socket
from typing import Protocol

from eggd.wire import ucred


class _Socket(Protocol):
    def getsockopt(self, level: int, name: int, size: int, /) -> bytes: ...


def peer_uid(sock: _Socket) -> int:
    """Returns the user of the process that connected, or that listens (SO_PEERCRED, unix(7))."""
    return ucred.decode(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, ucred.SIZE)).uid
