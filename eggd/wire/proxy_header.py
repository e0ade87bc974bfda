"""The header of the PROXY protocol, which begins a connection: version 1 and 2.

Source: https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt (section numbers below).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
LOCAL_HEADER = _SIGNATURE + bytes((_LOCAL, _UNSPECIFIED, 0, 0))
"""The header of a connection that a program makes for itself, such as a health check."""

_ADDRESSES = {_TCP4: 12, _TCP6: 36, _UNIX: 216}
"""Bytes of both addresses and ports, by family and transport (section 2.2)."""
_TYPE_CHECKSUM, _TYPE_TLS = 0x03, 0x20
_CLIENT_TLS, _FIXED_TLS = 0x01, 5
"""The bit of the first byte of the TLV about TLS: the client uses it; and the bytes before its own
TLVs (section 2.2.6)."""


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

    @property
    def is_local(self) -> bool:
        """Whether it says nothing about a client, so that any sender may be believed."""
        return self.source is None and not self.tls


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
    tls = _read_tlvs(data[:size], _FIXED + known)
    return ProxyHeader(size, _source(family, data), tls)


def _source(family: int, data: bytes) -> tuple[str, int] | None:
    at = _FIXED
    if family == _TCP4:
        return str(IPv4Address(data[at : at + 4])), int.from_bytes(data[at + 8 : at + 10], "big")
    if family == _TCP6:
        return str(IPv6Address(data[at : at + 16])), int.from_bytes(data[at + 32 : at + 34], "big")
    return None


def _read_tlvs(header: bytes, start: int) -> bool:
    """Returns whether the TLVs report TLS; raises ProxyHeaderError for a cut or wrong one."""
    tls = False
    for kind, at, end in _tlvs(header, start, len(header)):
        if kind == _TYPE_CHECKSUM:
            _check_sum(header, at, end)
        elif kind == _TYPE_TLS:
            if end - at < _FIXED_TLS:
                raise ProxyHeaderError("the TLV about TLS of the PROXY header is cut")
            tls = bool(header[at] & _CLIENT_TLS)
            for _ in _tlvs(header, at + _FIXED_TLS, end):
                pass  # cut ones raise
    return tls


def _tlvs(header: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yields the type of each TLV, and the start and end of its value (section 2.2)."""
    while at < end:
        start = at + 3
        stop = start + int.from_bytes(header[at + 1 : start], "big")
        if stop > end:
            raise ProxyHeaderError("a TLV of the PROXY header is cut")
        yield header[at], start, stop
        at = stop


def _check_sum(header: bytes, at: int, end: int) -> None:
    """Raises ProxyHeaderError for a wrong checksum of the header (section 2.2.3)."""
    zeroed = header[:at] + bytes(end - at) + header[end:]
    if header[at:end] != crc32c(zeroed).to_bytes(4, "big"):
        raise ProxyHeaderError("the checksum of the PROXY header is wrong")


def crc32c(data: bytes) -> int:
    """Returns the CRC-32C of some bytes (RFC 9260 appendix A)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


_CRC = tuple(map(_crc_of, range(256)))
