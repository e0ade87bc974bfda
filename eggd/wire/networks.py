"""IP addresses as text, and lists of networks: the proxies that an operator trusts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Network = IPv4Network | IPv6Network

UNIX = "unix"
"""The entry of a list for peers on a Unix socket, which have no address."""

_PORT = re.compile(r"\[([^\]]*)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}", re.ASCII)
_MAPPED = IPv6Network("::ffff:0:0/96")
_LONGEST = 64
"""Characters of the longest address with brackets and port, and some more."""


class NetworkError(ValueError):
    """An entry that is not a network; `hint` says how to write it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Networks:
    """A list of networks, which contains addresses: `"10.0.0.7" in Networks(["10.0.0.0/8"])`."""

    def __init__(self, entries: Iterable[str]) -> None:
        """Takes addresses, networks ("10.0.0.0/8", "fd00::/8") and `unix`. Raises NetworkError."""
        entries = list(entries)
        self._networks = [network(entry) for entry in entries if entry != UNIX]
        self._unix = UNIX in entries

    def __contains__(self, host: object) -> bool:
        """Returns whether a peer's address is in one of the networks; "" is a Unix socket's."""
        if not host:
            return self._unix
        address = _parsed(str(host).partition("%")[0])
        return address is not None and any(address in each for each in self._networks)


@lru_cache(64)
def networks(entries: tuple[str, ...]) -> Networks:
    """Returns the networks of a list, parsed once. Raises NetworkError."""
    return Networks(entries)


def plain_address(text: str) -> str:
    """Returns an IP address without port and brackets, "" for any other text.

    IPv6 is compressed and in lower case; an IPv4 address that is mapped to IPv6 is unwrapped. An
    address with a zone is not accepted: a zone may be any text.
    """
    return _plain(text) if len(text) <= _LONGEST else ""


@lru_cache(maxsize=1024)
def shown_address(peer: str) -> str:
    """Returns the address of a peer like `plain_address`; text that is not one stays."""
    return plain_address(peer) or peer


@lru_cache(maxsize=1024)  # a client sends many requests, and parsing takes 5 us
def _plain(text: str) -> str:
    match = _PORT.fullmatch(text)
    address = _parsed(text if match is None else match[1] or match[2] or "")
    return "" if address is None or "%" in text else str(address)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    if len(text) > _LONGEST:
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def network(entry: str) -> Network:
    """Returns an address, or a network such as "10.0.0.0/8". Raises NetworkError."""
    try:
        parsed = ip_network(entry.replace("%", " "))  # a zone is not a network
    except ValueError:
        raise _explained(entry) from None
    if isinstance(parsed, IPv6Network) and parsed.subnet_of(_MAPPED):
        mapped = parsed.network_address.ipv4_mapped
        raise NetworkError(
            f"{entry!r} is a network of mapped IPv4 addresses",
            f"write '{mapped}/{parsed.prefixlen - 96}'",
        )
    return parsed


def _explained(entry: str) -> NetworkError:
    try:
        masked = ip_network(entry.replace("%", " "), strict=False)
    except ValueError:
        hint = "an address, a network such as '10.0.0.0/8', or 'unix'"
        return NetworkError(f"{entry!r} is not a network", hint)
    return NetworkError(f"{entry!r} has bits set behind its prefix", f"write '{masked}'")
