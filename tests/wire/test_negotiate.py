"""Which media type a client likes best (RFC 9110 section 12.5.1)."""

from __future__ import annotations

import pytest

from eggd.wire.negotiate import preferred

OFFERS = ("text/html", "text/plain", "application/json")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        ("application/json", "application/json"),
        ("application/json, text/plain, */*", "text/html"),
        ("text/html;q=0.5, application/json", "application/json"),
        ("text/*;q=0.5, text/html;q=0", "text/plain"),
        (BROWSER, "text/html"),
        ("image/png", ""),
        ("application/json;q=x", ""),
        (";;,=,q", ""),
    ],
)
def test_preferred(accept: str, best: str) -> None:
    assert preferred(accept, OFFERS) == best
