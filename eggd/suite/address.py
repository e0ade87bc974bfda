"""The address of the listener: as the operator writes it, as logs show it, and as a URL.

A `sockname` is the result of getsockname(2): a tuple for TCP, a path for a Unix socket.
"""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Mapping

UNIX = "unix:"
"""Begins the path of a Unix socket, as an operator writes it."""
LONGEST_PATH = 107
"""Bytes of a Unix socket's path (unix(7))."""

_ANY = ("0.0.0.0", "::")
_VALID_HOST = re.compile(r"[A-Za-z0-9.:_-]+", re.ASCII)


def parse(text: str, min_port: int = 1) -> str:
    """Returns `[ADDRESS:]PORT` or the path of `unix:PATH` in the form of ListenStream=.

    Raises ValueError for other text. `min_port` is the lowest accepted port; pass 0 to accept 0,
    which selects a free port.
    """
    if text.startswith((UNIX, "/")):
        return _parse_path(text.removeprefix(UNIX))
    host, colon, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and min_port <= int(port) <= 65535):
        raise ValueError(f"the port must be a number from {min_port} to 65535")
    if not colon:
        return str(int(port))
    return f"{_parse_host(host)}:{int(port)}"


def _parse_path(path: str) -> str:
    if not path.startswith("/"):
        raise ValueError(f"the path must be absolute, such as {UNIX}/run/eggd/http.sock")
    if path.endswith("/") or not path.isprintable():
        raise ValueError("the path must end with the name of a file and be printable")
    if len(path.encode("utf-8", "surrogateescape")) > LONGEST_PATH:
        raise ValueError(f"the path of a Unix socket has at most {LONGEST_PATH} bytes")
    return posixpath.normpath(f"/{path.lstrip('/')}")


def is_path(stream: str) -> bool:
    """Returns whether an address is the path of a Unix socket."""
    return stream.startswith("/")


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


def overlaps(one: str, other: str) -> bool:
    """Returns whether two addresses in the form of ListenStream= cannot be open together."""
    one, other = systemd_form(one), systemd_form(other)
    if is_path(one) or is_path(other):
        return one == other
    host, _, port = one.rpartition(":")
    other_host, _, other_port = other.rpartition(":")
    anywhere = host == other_host or not {host, other_host}.isdisjoint(("[::]", "0.0.0.0"))
    return port == other_port and anywhere


def systemd_form(stream: str) -> str:
    """Returns a ListenStream= as systemd shows it: `[::]:8080` for `8080`."""
    return stream if ":" in stream or is_path(stream) else f"[::]:{stream}"


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
