"""The variant that a client prefers (RFC 9110 section 12.5)."""

from __future__ import annotations

import pytest

from eggd.wire.negotiate import (
    preferences,
    preferred,
    preferred_charset,
    preferred_encoding,
    preferred_language,
    type_is,
)

OFFERS = ("text/html", "text/plain", "application/json")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        ("application/json", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("text/html;q=0.5, application/json", "application/json"),
        ("text/*;q=0.5, text/html;q=0", "text/plain"),
        (BROWSER, "text/html"),
        ("image/png", ""),
        ("text/html, application/json", "text/html"),
        ("application/json;q=x", ""),
        ("application/json;q=nan", ""),
        (";;,=,q", ""),
    ],
)
def test_preferred(accept: str, best: str) -> None:
    assert preferred(accept, OFFERS) == best


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        ("", "identity"),
        ("gzip, br", "gzip"),
        ("gzip;q=0.5, br", "br"),
        ("*", "br"),
        ("deflate", "identity"),
        ("identity;q=0", ""),
        ("*;q=0", ""),
        ("gzip;q=0, *;q=0.1", "br"),
    ],
)
def test_encodings(accept: str, best: str) -> None:
    assert preferred_encoding(accept, ("br", "gzip", "identity")) == best


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        ("", "en"),
        ("de-AT", "de"),
        ("zh", "zh-CN"),
        ("fr, *;q=0.1", "en"),
        ("en;q=0", ""),
        ("x", ""),
    ],
)
def test_languages(accept: str, best: str) -> None:
    assert preferred_language(accept, ("en", "de", "zh-CN")) == best


def test_charsets_and_what_is_wanted() -> None:
    assert preferred_charset("iso-8859-1;q=0.5, UTF-8", ("iso-8859-1", "utf-8")) == "utf-8"
    assert preferred_charset("", ("utf-8",)) == "utf-8"
    assert preferences("a/b;q=0.2, c/d, e/f;q=0") == ["c/d", "a/b"]


@pytest.mark.parametrize(
    ("kind", "pattern", "matches"),
    [
        ("text/html", "text/html", True),
        ("text/html", "text/*", True),
        ("text/html", "*/*", True),
        ("text/html", "*/html", True),
        ("text/html", "image/*", False),
        ("application/problem+json", "+json", True),
        ("application/problem+json", "application/*+json", True),
        ("application/problem+json", "application/json", False),
    ],
)
def test_types(kind: str, pattern: str, matches: bool) -> None:
    assert type_is(kind, pattern) is matches
