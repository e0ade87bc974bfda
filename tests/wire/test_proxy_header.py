"""Headers of the PROXY protocol: whole, cut at each byte, with bytes behind them, malformed."""

from __future__ import annotations

import pytest

from eggd.wire.proxy_header import LIMIT, ProxyHeaderError, crc32c, read_proxy_header
from tests.wire.proxy_headers import TLS, V4, V6, binary, checked, tlv

LONGEST_V6 = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"

VALID = [
    (b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n", ("192.0.2.1", 4711), False),
    (b"PROXY TCP6 2001:DB8::1 ::1 4711 80\r\n", ("2001:db8::1", 4711), False),
    (f"PROXY TCP6 {LONGEST_V6} {LONGEST_V6} 65535 65535\r\n".encode(), (LONGEST_V6, 65535), False),
    (b"PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n", ("0.0.0.0", 0), False),
    (b"PROXY UNKNOWN\r\n", None, False),
    (b"PROXY UNKNOWN " + b"f" * 91 + b"\r\n", None, False),
    (binary(V4), ("192.0.2.1", 4711), False),
    (binary(V6, family=0x21), ("2001:db8::1", 4711), False),
    (binary(b"/run/a".ljust(216, b"\0"), family=0x31), None, False),
    (binary(command=0x20, family=0x00), None, False),
    (binary(V4, command=0x20), None, False),  # LOCAL: the addresses must be ignored
    (binary(b"junk", command=0x20, family=0xFF), None, False),
    (binary(family=0x00), None, False),
    (binary(V4 + TLS), ("192.0.2.1", 4711), True),
    (binary(V4 + tlv(0x20, b"\0\0\0\0\0")), ("192.0.2.1", 4711), False),
    (checked(V4), ("192.0.2.1", 4711), False),
    (checked(V4 + TLS), ("192.0.2.1", 4711), True),
    (binary(V4 + tlv(0xEA, b"x" * 300) + TLS + tlv(4, b"")), ("192.0.2.1", 4711), True),
    (binary(V4 + tlv(4, b"\0" * (LIMIT - 16 - 12 - 3))), ("192.0.2.1", 4711), False),
]


@pytest.mark.parametrize(("data", "source", "tls"), VALID)
def test_a_valid_header(data: bytes, source: tuple[str, int] | None, tls: bool) -> None:
    for behind in (b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01"):
        header = read_proxy_header(data + behind)
        assert header is not None
        assert (header.size, header.source, header.tls) == (len(data), source, tls)


@pytest.mark.parametrize("data", [data for data, *_ in VALID])
def test_a_cut_header_is_incomplete(data: bytes) -> None:
    assert all(read_proxy_header(data[:size]) is None for size in range(len(data)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"GET / HTTP/1.1\r\n", "does not begin with a PROXY header"),
        (b"\x16\x03\x01", "does not begin with a PROXY header"),
        (b"\r\n\r\nG", "does not begin with a PROXY header"),
        (b"proxy TCP4", "does not begin with a PROXY header"),
        (b"PROXY " + b"x" * 101, "a PROXY line of more than 107 bytes"),
        (b"PROXY UNKNOWN " + b"f" * 92 + b"\r\n", "a PROXY line of more than 107 bytes"),
        (b"PROXY UNKNOWNX\r\n", "bad PROXY line"),
        (b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 80 \r\n", "bad PROXY line"),
        (b"PROXY TCP4 192.0.2.1  10.0.0.1 4711 80\r\n", "bad PROXY line"),
        (b"PROXY TCP4 192.0.2.1 10.0.0.1 4711\r\n", "bad PROXY line"),
        (b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\nX\r\n", "bad PROXY line"),
        (b"PROXY UDP4 192.0.2.1 10.0.0.1 4711 80\r\n", "bad PROXY line"),
        (b"PROXY \r\n", "bad PROXY line"),
        (b"PROXY TCP4 2001:db8::1 ::1 4711 80\r\n", "bad address"),
        (b"PROXY TCP6 192.0.2.1 10.0.0.1 4711 80\r\n", "bad address"),
        (b"PROXY TCP4 192.0.2.256 10.0.0.1 4711 80\r\n", "bad address"),
        (b"PROXY TCP4 192.0.2.1 10.0.0 4711 80\r\n", "bad address"),
        (b"PROXY TCP4 192.0.2.1 10.0.0.1 65536 80\r\n", "bad port"),
        (b"PROXY TCP4 192.0.2.1 10.0.0.1 0123 80\r\n", "bad port"),
        (b"PROXY TCP4 192.0.2.1 10.0.0.1 1 123456\r\n", "bad port"),
        (binary(V4, command=0x22), "PROXY version and command 0x22"),
        (binary(V4, command=0x11), "PROXY version and command 0x11"),
        (binary(V4, family=0x12), "PROXY family 0x12 with 12 bytes"),
        (binary(V4[:11]), "PROXY family 0x11 with 11 bytes"),
        (binary(V4, family=0x21), "PROXY family 0x21 with 12 bytes"),
        (binary(size=LIMIT - 15), f"a PROXY header of {LIMIT + 1} bytes"),
        (binary(size=65535), "a PROXY header of 65551 bytes"),
        (binary(V4 + b"\x04"), "a TLV of the PROXY header is cut"),
        (binary(V4 + b"\x04\0\x02x"), "a TLV of the PROXY header is cut"),
        (binary(V4 + tlv(0x20, b"")), "the TLV about TLS of the PROXY header is cut"),
        (binary(V4 + tlv(0x20, b"\1\0\0\0")), "the TLV about TLS of the PROXY header is cut"),
        (binary(V4 + tlv(0x20, b"\1\0\0\0\0\x21\0\x09x")), "a TLV of the PROXY header is cut"),
        (binary(V4 + tlv(3, b"\0\0\0\0")), "the checksum of the PROXY header is wrong"),
        (binary(V4 + tlv(3, b"\0")), "the checksum of the PROXY header is wrong"),
        (checked(V4)[:16] + V6[:4] + checked(V4)[20:], "the checksum of the PROXY header is wrong"),
    ],
)
def test_a_malformed_header(data: bytes, message: str) -> None:
    with pytest.raises(ProxyHeaderError, match=message):
        read_proxy_header(data)


def test_the_checksum() -> None:
    """As RFC 3720 has it for 32 bytes of zero, and for an ascending row (appendix B.4)."""
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(bytes(range(32))) == 0x46DD794E
