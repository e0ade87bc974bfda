"""Header fields, read from the raw head."""

from __future__ import annotations

import pytest

from eggd.http import head
from eggd.http.headers import Headers

HEAD = (
    b"GET /x:y HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nX-Empty:\r\nCookie: a=1\r\n"
    b"accept: \t */* \r\nX-Name: caf\xe9\r\n\r\n"
)


@pytest.fixture
def headers() -> Headers:
    match = head.match_usual(HEAD)
    assert match is not None
    return Headers(head.field_lines(match))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", "a"),
        ("HOST", "a"),
        ("Accept", "text/html, */*"),
        ("x-name", "café"),
        ("x-empty", ""),
        ("x-none", ""),
        ("name", ""),
        ("x-name: caf", ""),
        ("ünicode", ""),
        ("€", ""),
    ],
)
def test_get(headers: Headers, name: str, value: str) -> None:
    assert headers.get(name) == value


def test_get_default(headers: Headers) -> None:
    assert headers.get("x-none", "-") == "-"
    assert headers.get("x-empty", "-") == ""


def test_get_all(headers: Headers) -> None:
    assert headers.get_all("accept") == ["text/html", "*/*"]
    assert headers.get_all("x-none") == []


def test_contains(headers: Headers) -> None:
    assert "cookie" in headers
    assert "X-Empty" in headers
    assert "GET" not in headers
    assert 1 not in headers


def test_iteration(headers: Headers) -> None:
    assert list(headers) == ["Host", "Accept", "X-Empty", "Cookie", "accept", "X-Name"]
    assert dict(headers.items())["accept"] == "*/*"
    assert len(headers) == 6


def test_no_fields_at_all() -> None:
    result = head.read_unusual(b"GET / HTTP/1.0\r\n\r\n", 99)
    assert result is not None
    assert list(Headers(head.field_lines(result[0]))) == []


def test_cookie_lines_are_joined() -> None:
    """By "; ", into the one field that applications read (RFC 9113 section 8.2.3)."""
    match = head.match_usual(
        b"GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1\r\nX: y\r\ncookie: b=2; c=3\r\nx: z\r\n\r\n"
    )
    assert match is not None
    headers = Headers(head.field_lines(match))
    assert headers.get("Cookie") == headers.get("cookie") == "a=1; b=2; c=3"
    assert headers.get("x") == "y, z"
    cookie = ("Cookie", "a=1; b=2; c=3")
    assert headers.joined() == [("Host", "a"), cookie, ("X", "y"), ("x", "z")]
