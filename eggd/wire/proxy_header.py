"""The header of the PROXY protocol, which begins a connection: version 1 and 2.

Source: https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt (section numbers below).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

LIMIT = 4096
"""Bytes of a whole header. TLVs of load balancers take some hundred; the length field allows 64
KiB."""

_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
_FIXED = 16
"""Bytes of version 2 before the addresses: signature, version and command, family, length."""
_LINE = 107
"""Bytes of the longest line of version 1, with CRLF (section 2.1)."""
_PROXIED = re.compile(rb"PROXY TCP(4|6) ([0-9a-fA-F:.]+) ([0-9a-fA-F:.]+) ([0-9]+) ([0-9]+)")
_UNKNOWN = re.compile(rb"PROXY UNKNOWN(?: [ -~]*)?")
_PORT = re.compile(rb"0|[1-9][0-9]{0,4}")

_LOCAL, _PROXY = 0x20, 0x21
_UNSPECIFIED, _TCP4, _TCP6, _UNIX = 0x00, 0x11, 0x21, 0x31
_ADDRESSES = {_TCP4: 12, _TCP6: 36, _UNIX: 216}
"""Bytes of both addresses and ports, by family and transport (section 2.2)."""
_TYPE_TLS, _CLIENT_TLS = 0x20, 0x01
"""The TLV about TLS, and the bit of its first byte: the client uses it (section 2.2.6)."""


class ProxyHeaderError(ValueError):
    """Raised for bytes that cannot be the beginning of a PROXY header."""


@dataclass(frozen=True, slots=True)
class ProxyHeader:
    """A complete header."""

    size: int
    """Bytes of the header; the client's own bytes follow."""
    source: tuple[str, int] | None = None
    """The client's address and port; None if the connection is the proxy's own (a health check), or
    the client is on a Unix socket."""
    tls: bool = False
    """Whether the client uses TLS, which the proxy has ended."""


def read_proxy_header(data: bytes) -> ProxyHeader | None:
    """Returns the header that `data` begins with, None if it is incomplete.

    Raises ProxyHeaderError as soon as no more bytes could make it valid.
    """
    if data.startswith(_SIGNATURE[: len(data)]):
        return _read_binary(data)
    if data.startswith(b"PROXY "[: len(data)]):
        return _read_line(data)
    raise ProxyHeaderError("the connection does not begin with a PROXY header")


def _read_line(data: bytes) -> ProxyHeader | None:
    """Reads version 1, one line of text."""
    end = data.find(b"\r\n", 0, _LINE)
    if end < 0:
        if len(data) >= _LINE:
            raise ProxyHeaderError(f"a PROXY line of more than {_LINE} bytes")
        return None
    line = data[:end]
    if _UNKNOWN.fullmatch(line):
        return ProxyHeader(end + 2)
    match = _PROXIED.fullmatch(line)
    if match is None:
        raise ProxyHeaderError(f"bad PROXY line {line!r}")
    family, source, target, *ports = match.groups()
    kind = IPv4Address if family == b"4" else IPv6Address
    try:
        address, _ = kind(source.decode()), kind(target.decode())
    except ValueError:
        raise ProxyHeaderError(f"bad address in {line!r}") from None
    if not all(_PORT.fullmatch(port) and int(port) <= 65535 for port in ports):
        raise ProxyHeaderError(f"bad port in {line!r}")
    return ProxyHeader(end + 2, (str(address), int(ports[0])))


def _read_binary(data: bytes) -> ProxyHeader | None:
    """Reads version 2."""
    if len(data) < _FIXED:
        return None
    command, family = data[12:14]
    size = _FIXED + int.from_bytes(data[14:16], "big")
    if command not in (_LOCAL, _PROXY):
        raise ProxyHeaderError(f"PROXY version and command {command:#04x}")
    if size > LIMIT:
        raise ProxyHeaderError(f"a PROXY header of {size} bytes (limit {LIMIT})")
    known = _ADDRESSES.get(family)
    if command == _PROXY and family != _UNSPECIFIED and (known is None or size < _FIXED + known):
        raise ProxyHeaderError(f"PROXY family {family:#04x} with {size - _FIXED} bytes")
    if len(data) < size:
        return None
    if command == _LOCAL or known is None:
        return ProxyHeader(size)
    return ProxyHeader(size, _source(family, data), _is_tls(data[_FIXED + known : size]))


def _source(family: int, data: bytes) -> tuple[str, int] | None:
    at = _FIXED
    if family == _TCP4:
        return str(IPv4Address(data[at : at + 4])), int.from_bytes(data[at + 8 : at + 10], "big")
    if family == _TCP6:
        return str(IPv6Address(data[at : at + 16])), int.from_bytes(data[at + 32 : at + 34], "big")
    return None


def _is_tls(tlvs: bytes) -> bool:
    """Returns whether the TLVs report TLS; raises ProxyHeaderError if one is cut."""
    tls = False
    at = 0
    while at < len(tlvs):
        end = at + 3 + int.from_bytes(tlvs[at + 1 : at + 3], "big")
        if at + 3 > len(tlvs) or end > len(tlvs):
            raise ProxyHeaderError("a TLV of the PROXY header is cut")
        if tlvs[at] == _TYPE_TLS and end > at + 3:
            tls = bool(tlvs[at + 3] & _CLIENT_TLS)
        at = end
    return tls
