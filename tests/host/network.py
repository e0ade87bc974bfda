"""A network among booted hosts: a bridge in one of them, and a cable to each of the others.

All of it is in the network namespaces of the hosts, and ends with them.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from tests.host.host import Host

PREFIX = "10.55.0."
CENTRE = f"{PREFIX}1"
"""The address of the host that has the bridge."""


def connect(centre: Host, others: Sequence[Host]) -> list[str]:
    """Connects booted hosts; returns the addresses of `others`."""
    _ip(centre, "link add br0 type bridge")
    _ip(centre, f"addr add {CENTRE}/24 dev br0")
    _ip(centre, "link set br0 up")
    addresses = [f"{PREFIX}{number}" for number in range(11, 11 + len(others))]
    for number, (host, address) in enumerate(zip(others, addresses, strict=True)):
        cable = f"cable{number}"
        _ip(centre, f"link add {cable} type veth peer name eth0 netns {host.container.leader}")
        _ip(centre, f"link set {cable} master br0 up")
        _ip(host, f"addr add {address}/24 dev eth0")
        _ip(host, "link set eth0 up")
    return addresses


def cut(centre: Host, number: int) -> None:
    """Unplugs the cable of a host."""
    _ip(centre, f"link set cable{number} down")


def mend(centre: Host, number: int) -> None:
    """Plugs it in again."""
    _ip(centre, f"link set cable{number} up")


def _ip(host: Host, words: str) -> None:
    command = host.container.network_command("ip", *words.split())
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {words}: {done.stderr}"
