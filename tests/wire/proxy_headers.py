"""Headers of the PROXY protocol, version 2, as bytes."""

from __future__ import annotations

import socket

from eggd.wire.proxy_header import crc32c

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def binary(
    payload: bytes = b"", *, command: int = 0x21, family: int = 0x11, size: int | None = None
) -> bytes:
    """Returns a header of version 2."""
    length = len(payload) if size is None else size
    return SIGNATURE + bytes((command, family)) + length.to_bytes(2, "big") + payload


def checked(payload: bytes) -> bytes:
    """Returns a header that ends with the checksum of all its bytes."""
    header = binary(payload + tlv(3, bytes(4)))
    return header[:-4] + crc32c(header).to_bytes(4, "big")


def ports(source: int = 4711, target: int = 80) -> bytes:
    return source.to_bytes(2, "big") + target.to_bytes(2, "big")


def tlv(kind: int, value: bytes) -> bytes:
    return bytes((kind,)) + len(value).to_bytes(2, "big") + value


V4 = socket.inet_aton("192.0.2.1") + socket.inet_aton("10.0.0.1") + ports()
V6 = (
    socket.inet_pton(socket.AF_INET6, "2001:db8::1")
    + socket.inet_pton(socket.AF_INET6, "::1")
    + ports()
)
TLS = tlv(0x20, b"\x01\0\0\0\0" + tlv(0x21, b"TLSv1.3"))
