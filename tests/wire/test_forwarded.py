"""Lists that proxies append to, read from the right (RFC 7239)."""

from __future__ import annotations

from time import process_time

import pytest

from eggd.wire.forwarded import (
    MOST_HOPS,
    elements_from_right,
    items_from_right,
    node_address,
)


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ("", []),
        (" , ,\t", []),
        ("a", ["a"]),
        ("a, b,c ", ["c", "b", "a"]),
        (",a,,b,", ["b", "a"]),
    ],
)
def test_items(value: str, items: list[str]) -> None:
    assert list(items_from_right(value)) == items


@pytest.mark.parametrize(
    ("value", "elements"),
    [
        ("for=192.0.2.43", [{"for": "192.0.2.43"}]),
        ('For="[2001:db8::1]:4711"', [{"for": "[2001:db8::1]:4711"}]),
        (
            "for=192.0.2.60;proto=http;by=203.0.113.43",
            [{"for": "192.0.2.60", "proto": "http", "by": "203.0.113.43"}],
        ),
        ("for=a; proto=https ;;host=b", [{"for": "a", "proto": "https", "host": "b"}]),
        ("for=_hidden, for=unknown", [{"for": "unknown"}, {"for": "_hidden"}]),
        (r'for="a\"\b"', [{"for": 'a"b'}]),
        ('host=""', [{"host": ""}]),
        # A malformed element hides those on its left, never those on its right.
        ('for=a, for="b, for=c', [{"for": "c"}]),
        ("for=a, for, for=c", [{"for": "c"}]),
        ("for=a, for=b;for=d, for=c", [{"for": "c"}]),
        ("for=[::1], for=c", [{"for": "c"}]),
        ("for=a proto=b", []),
        ("for =a", []),
        ("=a", []),
        ('for="a"b', []),
        # A list within quotes is not read as one.
        ('for=a;x="b, for=c"', []),
        ('for=a;x="b, for=c;y="', []),
        ('for=a;x="\\", for=c', [{"for": "c"}]),
    ],
)
def test_elements(value: str, elements: list[dict[str, str]]) -> None:
    assert list(elements_from_right(value)) == elements


@pytest.mark.parametrize(
    ("node", "address"),
    [("192.0.2.1:_x", "192.0.2.1"), ("[::1]:_a.b-c", "[::1]"), ("_hidden", "_hidden"), ("", "")],
)
def test_an_obfuscated_port(node: str, address: str) -> None:
    assert node_address(node) == address


@pytest.mark.parametrize(
    "value",
    [
        *("," * 100_000, "a," * 50_000, 'for="' * 20_000, "for=a;" * 16_000, 'for="\\' * 16_000),
        *(" " * 100_000, "for=" + "a" * 100_000, ";" * 100_000, 'for="' + "\\" * 100_001),
        *("for=a" + " " * 100_000 + "x", "for=a" + " ;" * 50_000 + "x"),
    ],
)
def test_a_hostile_list_takes_linear_time(value: str) -> None:
    """100 kB take a few milliseconds; a quadratic reader takes seconds (known:KW-47)."""
    began = process_time()
    assert len(list(items_from_right(value))) <= MOST_HOPS
    assert len(list(elements_from_right(value))) <= MOST_HOPS
    assert process_time() - began < 0.2
