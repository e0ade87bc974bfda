"""URLs are parsed once, strictly, and in canonical form."""

from __future__ import annotations

import pytest

from eggd.httpclient import url
from eggd.httpclient.errors import HttpClientUrlError

CANONICAL = [
    ("http://example.com", "http://example.com/"),
    ("example.com/a?b=c#d", "http://example.com/a?b=c"),
    ("localhost:8080/x", "http://localhost:8080/x"),
    ("HTTPS://Example.COM:443/A", "https://example.com/A"),
    ("http://example.com:80?q", "http://example.com/?q"),
    ("http://user:p@example.com/", "http://example.com/"),
    ("http://example.com./", "http://example.com./"),
    ("http://a_b.example/", "http://a_b.example/"),
    ("http://bücher.example/ä?ö#ü", "http://xn--bcher-kva.example/%C3%A4?%C3%B6"),
    ("http://example.com/a%20b?x=[1]&y={2}", "http://example.com/a%20b?x=[1]&y={2}"),
    ("http://2130706433/", "http://127.0.0.1/"),
    ("http://0177.0.0.1/", "http://127.0.0.1/"),
    ("http://0x7f.1/", "http://127.0.0.1/"),
    ("http://127.1:8080/", "http://127.0.0.1:8080/"),
    ("http://127.0.0.1./", "http://127.0.0.1/"),
    ("http://0/", "http://0.0.0.0/"),
    ("http://\uff11\uff12\uff17.\uff10.\uff10.\uff11/", "http://127.0.0.1/"),
    ("http://127。0。0。1/", "http://127.0.0.1/"),
    ("http://[::1]:80/", "http://[::1]/"),
    ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:127.0.0.1]/"),
    ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"),
    ("http://example.com:@evil.example/", "http://evil.example/"),
]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_a_url_in_canonical_form(text: str, canonical: str) -> None:
    """A canonical form stays the same (core:HTTP-4)."""
    assert url.parse(text).text == canonical
    assert url.parse(canonical).text == canonical


REFUSED = [
    ("http://127.0.0.1:6666\\@1.1.1.1/", "'\\\\\\\\' at 21"),
    ("http://exam\tple.com/", "'\\\\t' at 11"),
    ("http://example.com/\r\nX: y", "'\\\\r'"),
    (" http://example.com/", "' ' at 0"),
    ("http://example.com/a b", "percent-encode it"),
    ("http://example.com/\x00", "'\\\\x00'"),
    ("ftp://example.com/", "the scheme 'ftp'"),
    ("file:///etc/passwd", "the scheme 'file'"),
    ("http://", "a URL needs a host"),
    ("/path", "a URL needs a host"),
    ("http://.example.com/", "is not a valid host"),
    ("http://a..b/", "is not a valid host"),
    (f"http://{'a' * 64}.example/", "is not a valid host"),
    (f"http://{'é' * 64}.example/", "is not a valid host"),
    (f"http://{'a.' * 130}example/", "is not a valid host"),
    ("http://faß.example/", "ambiguous"),
    ("http://a@b@c/", "cannot be read"),
    ("http://[::1/", "cannot be read"),
    ("http://[bad]/", "not a valid IPv6 address"),
    ("http://[fe80::1%25eth0]/", "zones are not supported"),
    ("http://1.2.3.256/", "not a valid IPv4 address"),
    ("http://1.2.3.4.5/", "not a valid IPv4 address"),
    ("http://0x/", "not a valid IPv4 address"),
    ("http://example.com:0/", "the port 0"),
    ("http://example.com:65536/", "the port 65536"),
    ("http://example.com:8a/", "cannot be read"),
    ("http://ex%61mple.com/", "is not a valid host"),
    ("http://" + "a" * 70_000, "too long"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=lambda each: each[:40])
def test_a_url_is_refused(text: str, message: str) -> None:
    """Checker and connection cannot read different hosts (known:KW-34, KW-38)."""
    with pytest.raises(HttpClientUrlError, match=message):
        url.parse(text)


JOINED = [
    ("/b?c", "http://example.com/b?c"),
    ("b", "http://example.com/a/b"),
    ("//other.example/x", "http://other.example/x"),
    ("https://example.com/", "https://example.com/"),
    ("?q", "http://example.com/a/x?q"),
]


@pytest.mark.parametrize(("location", "text"), JOINED)
def test_a_location_is_relative_to_its_url(location: str, text: str) -> None:
    assert url.join(url.parse("http://example.com/a/x"), location).text == text


@pytest.mark.parametrize(
    "location",
    [
        "http://[bad",
        "file:///etc/passwd",
        "gopher://x/",
        "http://a b/",
        "data:1",
        "/\r\nX: 1",
    ],
)
def test_a_location_is_refused(location: str) -> None:
    """A Location that cannot be read is never the same host (known:KW-36)."""
    with pytest.raises(HttpClientUrlError, match="Location"):
        url.join(url.parse("http://example.com/"), location)
