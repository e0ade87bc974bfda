"""Tests of the addresses that --port and `eggd listen` accept."""

from __future__ import annotations

import pytest

from eggd.suite import address


@pytest.mark.parametrize("text", ["abc", "70000", "127.0.0.1:", "0"])
def test_an_invalid_port_is_an_error(text: str) -> None:
    """The error states the valid range; callers put the whole text before it."""
    with pytest.raises(ValueError, match=r"^the port must be a number from 1 to 65535$"):
        address.parse(text)


@pytest.mark.parametrize("text", ["localhost:80", "::1:80", "[127.0.0.1]:80", "1.2.3:80"])
def test_a_host_name_is_an_error(text: str) -> None:
    """The error states the accepted forms of an address."""
    message = "^the address must be an IPv4 address, or an IPv6 address in brackets$"
    with pytest.raises(ValueError, match=message):
        address.parse(text)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("7001", "7001", True),
        ("7001", "7002", False),
        ("7001", "127.0.0.1:7001", True),
        ("0.0.0.0:7001", "127.0.0.1:7001", True),
        ("127.0.0.1:7001", "[::]:7001", True),
        ("127.0.0.1:7001", "127.0.0.1:7001", True),
        ("127.0.0.1:7001", "127.0.0.2:7001", False),
        ("/run/a.sock", "/run/a.sock", True),
        ("/run/a.sock", "/run/b.sock", False),
        ("/run/a.sock", "7001", False),
    ],
)
def test_addresses_that_cannot_be_open_together_overlap(
    one: str, other: str, overlap: bool
) -> None:
    """The same port on all addresses and on one of them are one address (ip(7))."""
    assert address.overlaps(one, other) is overlap
    assert address.overlaps(other, one) is overlap
