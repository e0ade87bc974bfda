"""Tests of the addresses that --port and `eggd listen` accept."""

from __future__ import annotations

import pytest

from eggd.suite import address


@pytest.mark.parametrize("text", ["abc", "70000", "127.0.0.1:", "0"])
def test_an_invalid_port_is_an_error(text: str) -> None:
    """The error states the valid range; callers put the whole text before it."""
    with pytest.raises(ValueError, match=r"^the port must be a number from 1 to 65535$"):
        address.parse(text)
