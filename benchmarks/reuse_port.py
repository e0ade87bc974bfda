"""Runs a worker on its own listener (SO_REUSEPORT) instead of the inherited one.

reuse_port.py PORT ARGV...      fd 3 becomes the new listener; this process becomes ARGV
"""

from __future__ import annotations

import os
import socket
import sys

FIRST_SOCKET = 3
"""SD_LISTEN_FDS_START of sd_listen_fds(3)."""
BACKLOG = 4096


def bound(port: int) -> socket.socket:
    """Returns a socket on a port of 127.0.0.1 that others may bind, too; 0 takes a free one."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind(("127.0.0.1", port))
    return sock


def main(port: int, argv: list[str]) -> None:
    """Replaces the listener, then this process."""
    listener = bound(port)
    listener.setblocking(False)
    listener.listen(BACKLOG)
    os.dup2(listener.fileno(), FIRST_SOCKET)
    os.execv(argv[0], argv)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
