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
