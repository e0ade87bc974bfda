"""The address of the listener: as the operator writes it, as logs show it, and as a URL.

A socket's name is that of getsockname(2): a tuple for TCP, a path for a Unix socket.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

_ANY = ("0.0.0.0", "::")
_VALID_HOST = re.compile(r"[A-Za-z0-9.:_-]+", re.ASCII)


def parse(text: str, least: int = 1) -> str:
    """Returns `[ADDRESS:]PORT` in the form of ListenStream=; raises ValueError for other text.

    `least` is the lowest port: 0 if that means any free one.
    """
    host, colon, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and least <= int(port) <= 65535):
        raise ValueError(f"the port must be a number from {least} to 65535")
    if not colon:
        return str(int(port))
    if host.startswith("[") and host.endswith("]"):
        return f"[{ipaddress.IPv6Address(host[1:-1])}]:{int(port)}"
    return f"{ipaddress.IPv4Address(host)}:{int(port)}"


def join(host: str, port: object) -> str:
    """Returns host and port as one address: `[::1]:80`; only the port if the host is empty."""
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if host else str(port)


def full(stream: str) -> str:
    """Returns ListenStream= as systemd shows it: `[::]:8080` for `8080`."""
    return stream if ":" in stream else f"[::]:{stream}"


def shown(name: object) -> str:
    """Returns a socket's name as an address: `[::]:7001`, `127.0.0.1:80`, a path."""
    return join(name[0], name[1]) if isinstance(name, tuple) else str(name)


def url(name: object, scheme: str, environ: Mapping[str, str]) -> str:
    """Returns a URL at which this host reaches a listener; for a Unix socket its path."""
    if not isinstance(name, tuple):
        return str(name)
    return f"{scheme}://{shown_host(name[0], environ)}:{name[1]}"


def shown_host(address: str, environ: Mapping[str, str]) -> str:
    """Returns the host of a URL for a listener at an address, in brackets if it contains colons.

    For a listener on all addresses it is the value of HOST if that is a valid name, else
    127.0.0.1.
    """
    if address in _ANY:
        name = environ.get("HOST", "")
        address = name if name not in _ANY and _VALID_HOST.fullmatch(name) else "127.0.0.1"
    return f"[{address}]" if ":" in address else address
