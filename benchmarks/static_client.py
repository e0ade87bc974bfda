"""A client of `benchmarks/static` that costs less than the servers: it discards bodies.

    static_client.py PORT PATH SIZE CONNECTIONS SECONDS

It stays on the last CPU, which the servers share only if they have several threads. The kernel
drops what `recv` with MSG_TRUNC takes (tcp(7)), so that a body of 100 KiB costs no copy. Status
and length of every response are checked. Prints JSON: `requests`, `seconds`, and `busy`, the
share of that time in which the client itself ran.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import time

HEAD = 2048
"""Bytes of the first `recv` of a response, which must have its whole head."""
LARGEST = 1 << 20
"""Bytes that one `recv` takes."""


class Connection:
    """A connection with one request in flight."""

    __slots__ = ("drop", "left", "recv", "send", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send = self.socket.send
        self.recv = self.socket.recv
        self.drop = self.socket.recv_into
        self.left = 0
        """Bytes of the body that are still to come; 0 before the head."""


class Client:
    """Asks for one file on several connections."""

    def __init__(self, port: int, path: str, size: int, connections: int) -> None:
        self._request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        self._size = size
        self._length = b"\r\ncontent-length: %d\r\n" % size
        self._buffer = bytearray(LARGEST)
        self._epoll = select.epoll()
        self._open: dict[int, Connection] = {}
        for _ in range(connections):
            one = Connection(port)
            self._open[one.socket.fileno()] = one
            self._epoll.register(one.socket, select.EPOLLIN)
        self.requests = 0

    def run(self, seconds: float) -> float:
        """Asks until the time is over; returns the seconds that it took."""
        for one in self._open.values():
            one.send(self._request)
        began = time.monotonic()
        until = began + seconds
        while time.monotonic() < until:
            for number, _ in self._epoll.poll(1):
                self._read(self._open[number])
        return time.monotonic() - began

    def _read(self, one: Connection) -> None:
        if not one.left:
            self._begin(one)
        elif not (taken := one.drop(self._buffer, min(one.left, LARGEST), socket.MSG_TRUNC)):
            sys.exit("the server closed a connection")
        else:
            one.left -= taken
        if not one.left:
            self.requests += 1
            one.send(self._request)

    def _begin(self, one: Connection) -> None:
        head, end, body = one.recv(HEAD).partition(b"\r\n\r\n")
        fields = b"%b\r\n" % head.lower()
        if not end or not head.startswith(b"HTTP/1.1 200 ") or self._length not in fields:
            sys.exit(f"not a whole response: {head[:200]!r}")
        one.left = self._size - len(body)


def main() -> None:
    """Measures, and prints the figures."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    port, path, size, connections, seconds = sys.argv[1:]
    client = Client(int(port), path, int(size), int(connections))
    before = time.process_time()
    spent = client.run(float(seconds))
    busy = (time.process_time() - before) / spent
    print(json.dumps({"requests": client.requests, "seconds": spent, "busy": busy}))


if __name__ == "__main__":
    main()
