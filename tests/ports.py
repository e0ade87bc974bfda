"""Free TCP ports of loopback, for servers that a test starts by number."""

from __future__ import annotations

import random
import socket
from itertools import islice


def free_ports(count: int) -> list[int]:
    """Returns ports on which nothing listens.

    They are below the range of ip_local_port_range (ip(7)), from which the kernel gives the clients
    and the port 0 of other tests their ports: so no other test takes one before the server has it.
    """
    # Not by the seed that a test may have set, which others may have set, too.
    numbers = random.SystemRandom().sample(range(20_000, 32_000), 200)
    return list(islice(filter(_is_free, numbers), count))


def free_port() -> int:
    """Returns one such port."""
    [port] = free_ports(1)
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
