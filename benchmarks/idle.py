"""Many open keep-alive connections to one port of loopback, each answered once, then silent."""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

BATCH = 200
"""Connections to open before sending a request on each: well below a suite's accept queue."""
SPARE = 512
"""Descriptors that each process needs for other files."""
LIMIT = 20.0
"""Seconds for connecting, and for each answer."""
_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")


def raise_descriptor_limit(count: int) -> None:
    """Lets this process and its children open `count` connections (RLIMIT_NOFILE).

    Raises ValueError if the hard limit is lower and the process may not raise it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = count + SPARE
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, max(hard, needed)))


def sources(count: int) -> list[str]:
    """Returns a source address for each connection: 127.0.0.2, 127.0.0.3, ...

    Each address gets half the ephemeral port range, as ports of earlier connections may still be in
    TIME_WAIT.
    """
    first, last = map(int, _PORTS.read_text().split())
    each = (last - first) // 2
    return [f"127.0.0.{2 + number // each}" for number in range(count)]


@contextmanager
def connections(
    port: int, count: int, batch: int = BATCH, path: str = "/"
) -> Iterator[list[socket.socket]]:
    """Opens `count` connections in batches of `batch`, sends one request on each.

    Closes all at the end.
    """
    addresses = sources(count)
    with ExitStack() as stack:
        sockets: list[socket.socket] = []
        for start in range(0, count, batch):
            new = [
                stack.enter_context(connect(port, address))
                for address in addresses[start : start + batch]
            ]
            request_each(new, path)
            sockets += new
        yield sockets


def connect(port: int, address: str) -> socket.socket:
    """Returns a new connection to `port` from the source address `address`."""
    sock = socket.socket()
    sock.settimeout(LIMIT)
    # The port is chosen in connect(2), not in bind(2), so that it need be unique only per
    # destination (ip(7)).
    sock.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
    sock.bind((address, 0))
    sock.connect(("127.0.0.1", port))
    return sock


def request_each(sockets: list[socket.socket], path: str = "/") -> None:
    """Sends a request on each connection, then reads the answers.

    Raises ConnectionError if an answer is not 200.
    """
    request = f"GET {path} HTTP/1.1\r\nHost: idle\r\n\r\n".encode()
    for sock in sockets:
        sock.sendall(request)
    for sock in sockets:
        answer = sock.recv(4096)
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise ConnectionError(f"an idle connection was answered {answer[:100]!r}")
