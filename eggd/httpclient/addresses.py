"""The addresses that a request on behalf of a visitor may connect to (process:SSRF-1..4).

The tables are our own: the flags of the module ipaddress differ between versions of Python
(CVE-2024-4032). An IPv4 address inside of an IPv6 one is checked, too: a gateway would connect to
it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from eggd.errors import ConfigError
from eggd.httpclient.url import canonical_host
from eggd.wire.networks import Network, NetworkError, network

Address = IPv4Address | IPv6Address

NOT_PUBLIC: dict[str, str] = {
    "0.0.0.0/8": "this host (RFC 1122)",
    "10.0.0.0/8": "private (RFC 1918)",
    "100.64.0.0/10": "shared by a carrier (RFC 6598); metadata of Alibaba Cloud",
    "127.0.0.0/8": "loopback (RFC 1122)",
    "168.63.129.16/32": "metadata of Azure",
    "169.254.0.0/16": "link-local (RFC 3927); metadata of most clouds",
    "172.16.0.0/12": "private (RFC 1918)",
    "192.0.0.0/24": "protocol assignments (RFC 6890)",
    "192.0.2.0/24": "documentation (RFC 5737)",
    "192.88.99.0/24": "relays of 6to4 (RFC 7526)",
    "192.168.0.0/16": "private (RFC 1918)",
    "198.18.0.0/15": "benchmarks (RFC 2544)",
    "198.51.100.0/24": "documentation (RFC 5737)",
    "203.0.113.0/24": "documentation (RFC 5737)",
    "224.0.0.0/4": "multicast (RFC 5771)",
    "240.0.0.0/4": "reserved, and broadcast (RFC 1112, RFC 919)",
    "::/128": "unspecified (RFC 4291)",
    "::1/128": "loopback (RFC 4291)",
    "64:ff9b:1::/48": "NAT64 of this network (RFC 8215)",
    "100::/64": "discarded (RFC 6666)",
    "2001:2::/48": "benchmarks (RFC 5180)",
    "2001:10::/28": "ORCHID (RFC 4843)",
    "2001:20::/28": "ORCHIDv2 (RFC 7343)",
    "2001:db8::/32": "documentation (RFC 3849)",
    "3fff::/20": "documentation (RFC 9637)",
    "5f00::/16": "segment routing (RFC 9602)",
    "fc00::/7": "private (RFC 4193)",
    "fe80::/10": "link-local (RFC 4291)",
    "fec0::/10": "site-local (RFC 3879)",
    "ff00::/8": "multicast (RFC 4291)",
}
"""The networks that are refused, each with its use."""

_EMBEDDING = (
    (IPv6Network("::ffff:0:0/96"), 0),  # mapped (RFC 4291)
    (IPv6Network("::/96"), 0),  # compatible (RFC 4291)
    (IPv6Network("::ffff:0:0:0/96"), 0),  # translated (RFC 2765)
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64 (RFC 6052)
    (IPv6Network("2002::/16"), 80),  # 6to4 (RFC 3056)
    (IPv6Network("2001::/32"), 64),  # the server of Teredo (RFC 4380)
)
"""Networks whose addresses contain an IPv4 address, and the number of bits behind it."""
_TEREDO = IPv6Network("2001::/32")
_ISATAP = (0x00005EFE, 0x02005EFE)
"""The third quarter of an address of ISATAP (RFC 5214); the last one is an IPv4 address."""
_QUARTER = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class AddressRules:
    """Decides about addresses; an instance is a `check_address` of a client."""

    refused: Sequence[Network]
    """Networks that are refused."""
    allowed: Sequence[Network] = ()
    """Networks that are allowed although they are refused."""
    hosts: frozenset[str] = frozenset()
    """Hosts that are allowed whatever their addresses are."""

    def __call__(self, address: str, family: int, hostname: str) -> bool:
        """Returns whether a connection to this address may be opened."""
        if hostname.removesuffix(".") in self.hosts:
            return True
        own = ip_address(address.partition("%")[0])
        plain = own.ipv4_mapped or own if isinstance(own, IPv6Address) else own
        if _is_in(plain, self.allowed) or _is_in(own, self.allowed):
            return True
        return not any(_is_in(each, self.refused) for each in (own, *embedded(own)))


def address_rules(
    refused: Sequence[str] = (), allowed: Sequence[str] = (), hosts: Sequence[str] = ()
) -> AddressRules:
    """Returns rules that refuse `NOT_PUBLIC` and `refused`, but for what is in the other lists.

    Entries are addresses or networks, and names of hosts. Raises ConfigError for a wrong one.
    """
    return AddressRules(
        [_network(each) for each in (*NOT_PUBLIC, *refused)],
        [_network(each) for each in allowed],
        frozenset(canonical_host(each).removesuffix(".") for each in hosts),
    )


def _network(entry: str) -> Network:
    try:
        return network(entry)
    except NetworkError as exc:
        raise ConfigError(
            f"{entry!r} is not an address or a network", hint=f"such as 10.0.0.0/8; {exc}"
        ) from None


def embedded(address: Address) -> Iterator[IPv4Address]:
    """Yields the IPv4 addresses inside of an IPv6 one."""
    if isinstance(address, IPv4Address):
        return
    number = int(address)
    for net, shift in _EMBEDDING:
        if address in net:
            yield IPv4Address(number >> shift & _QUARTER)
    if address in _TEREDO:
        yield IPv4Address(~number & _QUARTER)  # the client's, with inverted bits
    if number >> 32 & _QUARTER in _ISATAP:
        yield IPv4Address(number & _QUARTER)


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in net for net in networks)
