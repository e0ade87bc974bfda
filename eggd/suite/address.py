"""The address of the listener: as the operator writes it, as logs show it, and as a URL.

A `sockname` is the result of getsockname(2): a tuple for TCP, a path for a Unix socket.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

_ANY = ("0.0.0.0", "::")
_VALID_HOST = re.compile(r"[A-Za-z0-9.:_-]+", re.ASCII)


def parse(text: str, min_port: int = 1) -> str:
    """Returns `[ADDRESS:]PORT` in the form of ListenStream=; raises ValueError for other text.

    `min_port` is the lowest accepted port; pass 0 to accept 0, which selects a free port.
    """
    host, colon, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and min_port <= int(port) <= 65535):
        raise ValueError(f"the port must be a number from {min_port} to 65535")
    if not colon:
        return str(int(port))
    return f"{_parse_host(host)}:{int(port)}"


def _parse_host(host: str) -> str:
    try:
        if host.startswith("[") and host.endswith("]"):
            return f"[{ipaddress.IPv6Address(host[1:-1])}]"
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        text = "the address must be an IPv4 address, or an IPv6 address in brackets"
        raise ValueError(text) from None


def join(host: str, port: object) -> str:
    """Returns host and port as one address: `[::1]:80`; only the port if the host is empty."""
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if host else str(port)


def systemd_form(stream: str) -> str:
    """Returns a ListenStream= as systemd shows it: `[::]:8080` for `8080`."""
    return stream if ":" in stream else f"[::]:{stream}"


def display(sockname: object) -> str:
    """Returns a socket's name as an address: `[::]:7001`, `127.0.0.1:80`, a path."""
    return join(sockname[0], sockname[1]) if isinstance(sockname, tuple) else str(sockname)


def url(sockname: object, scheme: str, environ: Mapping[str, str]) -> str:
    """Returns a URL at which this host reaches a listener; for a Unix socket its path."""
    if not isinstance(sockname, tuple):
        return str(sockname)
    return f"{scheme}://{url_host(sockname[0], environ)}:{sockname[1]}"


def url_host(address: str, environ: Mapping[str, str]) -> str:
    """Returns the host part of a URL for a listener bound to `address`.

    IPv6 addresses are put in brackets. If the listener is bound to all addresses, returns the
    environment variable HOST if it is a valid host name, else 127.0.0.1.
    """
    if address in _ANY:
        name = environ.get("HOST", "")
        address = name if name not in _ANY and _VALID_HOST.fullmatch(name) else "127.0.0.1"
    return f"[{address}]" if ":" in address else address
