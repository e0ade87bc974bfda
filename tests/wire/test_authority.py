"""Hosts with their ports, as the field Host has them."""

from __future__ import annotations

import pytest

from eggd.wire.authority import is_authority

VALID = (
    "",
    "a",
    "a:",
    "a:0",
    "a.example:65535",
    "1.2.3.4:80",
    "[::1]",
    "[::ffff:1.2.3.4]:1",
    "%41~b",
)
WRONG = (
    *("a:65536", "a:99999", ":80", "a:b", "a:1:2", "::1", "[::1", "[:::::]", "[1.2.3.4]", "[zz]"),
    *(
        "[v1.x]",
        "[::1]x",
        "a%zz",
        "a%4",
        "%",
        "a b",
        "u@a",
        "a/b",
        "a?",
        "a#",
        "a\\b",
        "a<",
        "\u00e9",
    ),
)


@pytest.mark.parametrize("text", VALID)
def test_a_valid_host(text: str) -> None:
    """An empty one is valid, too (RFC 9112 section 3.2)."""
    assert is_authority(text.encode())


@pytest.mark.parametrize("text", WRONG)
def test_another_text_is_not_a_host(text: str) -> None:
    """Such as an address that is not IPv6 in brackets, and a port above 65535."""
    assert not is_authority(text.encode())
