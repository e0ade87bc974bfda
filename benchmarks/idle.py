"""Many open keep-alive connections to one port of loopback, each answered once, then silent."""

from __future__ import annotations

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

BATCH = 200
"""Connections opened, then asked, together: well below the accept queue of a suite."""
SPARE = 512
"""Descriptors that server and client have besides their connections."""
LIMIT = 20.0
"""Seconds for one connection to be made and answered."""
_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")


def allow(count: int) -> None:
    """Lets this process, and its children, have `count` connections (RLIMIT_NOFILE).

    Raises ValueError where that is above the hard limit and not ours to lift.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + SPARE
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))


def sources(count: int) -> list[str]:
    """Returns one source address for each connection: 127.0.0.2, .3, ... as ports run short."""
    first, last = map(int, _PORTS.read_text().split())
    each = (last - first) // 2
    return [f"127.0.0.{2 + number // each}" for number in range(count)]


@contextmanager
def connections(
    port: int, count: int, batch: int = BATCH, path: str = "/"
) -> Iterator[list[socket.socket]]:
    """Opens them in batches, sends one request on each, and closes all at the end."""
    addresses = sources(count)
    with ExitStack() as opened:
        made: list[socket.socket] = []
        for start in range(0, count, batch):
            together = [
                opened.enter_context(connected(port, address))
                for address in addresses[start : start + batch]
            ]
            answered(together, path)
            made += together
        yield made


def connected(port: int, address: str) -> socket.socket:
    """Returns a new connection from that source address."""
    made = socket.socket()
    made.settimeout(LIMIT)
    # ip(7): the port is chosen at connect, so that one port serves many peers.
    made.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
    made.bind((address, 0))
    made.connect(("127.0.0.1", port))
    return made


def answered(batch: list[socket.socket], path: str = "/") -> None:
    """Asks on each connection and reads each answer; raises ConnectionError if one is not 200."""
    request = f"GET {path} HTTP/1.1\r\nHost: idle\r\n\r\n".encode()
    for one in batch:
        one.sendall(request)
    for one in batch:
        answer = one.recv(4096)
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise ConnectionError(f"an idle connection was answered {answer[:100]!r}")
