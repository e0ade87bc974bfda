"""Uploads that pages of other sites send: refused before a byte is stored."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.plugins.uploads.forms import BOUNDARY, TYPE, Site, field, file, form, site

TOKEN = "abcdefghijklmnopqrstuvwx"
COOKIE = {"Cookie": f"csrfToken={TOKEN}"}
EVIL = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module", params=["egg", "strict"])
def shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    config = f"security = {{'level': '{request.param}'}}"
    files = {"config/plugin.py": "security = True\n"}
    root = tmp_path_factory.mktemp(str(request.param))
    with site(root, "'file_mode_match': '/seen'", config=config, files=files) as running:
        yield running


@pytest.mark.parametrize("path", ["/save", "/seen", "/stream"])
@pytest.mark.parametrize(
    "parts",
    [
        (file(content=b"x" * 100_000),),
        (field("a"), file()),
        (file(), field("_csrf", TOKEN)),
        (field("_csrf", "forged"), file()),
        (field("csrf", TOKEN), file()),
        (file("_csrf", "a.png", TOKEN.encode()),),
    ],
)
def test_a_forged_upload(shop: Site, path: str, parts: tuple[bytes, ...]) -> None:
    """403 in every mode, without a token, with a wrong one, and with one behind a file; nothing is
    stored (process:CSRF-18, MP-50)."""
    answer = shop.post(path, *parts, headers={**COOKIE, "Origin": "http://evil.example"})
    assert answer.status == 403
    assert list(shop.folder.rglob("*")) == []


def test_the_word_of_the_browser(shop: Site) -> None:
    """At level strict it wins over a token in the form (process:CSRF-18)."""
    is_strict = "strict" in str(shop.folder)
    answer = shop.post("/stream", field("_csrf", TOKEN), headers={**COOKIE, **EVIL})
    assert answer.status == (403 if is_strict else 200)
    answer = shop.post("/stream", file(), headers={**COOKIE, **OWN})
    assert answer.status == (200 if is_strict else 403)


@pytest.mark.parametrize("place", ["header", "query", "field", "field before others"])
@pytest.mark.parametrize("path", ["/stream", "/save", "/seen"])
def test_a_token_is_accepted(shop: Site, path: str, place: str) -> None:
    """In the header, the query, and in a field before the first file, which the handler still
    gets (process:CSRF-18, MP-50)."""
    headers, parts = dict(COOKIE), [field("a", "1"), file()]
    if place == "header":
        headers["X-CSRF-Token"] = TOKEN
    elif place == "query":
        path += f"?_csrf={TOKEN}"
    else:
        parts.insert(0 if place == "field" else 1, field("_csrf", TOKEN))
    answer = shop.post(path, *parts, headers=headers)
    assert answer.status == 200
    assert '"a.png"' in answer.text
    assert ('"_csrf"' in answer.text) == place.startswith("field")
    for saved in shop.files():
        saved.unlink()


def test_a_refused_client_has_not_sent_its_file(shop: Site) -> None:
    """The answer comes before the body: a client that waits for 100 Continue never sends it."""
    head = "POST /save HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n"
    head += f"Cookie: {COOKIE['Cookie']}\r\nOrigin: http://evil.example\r\nX-CSRF-Token: forged\r\n"
    head += f"Content-Type: {TYPE['Content-Type']}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", shop.client.port), timeout=10) as raw:
        raw.sendall(head.encode())
        assert raw.recv(65536).startswith(b"HTTP/1.1 403 ")


def test_fields_that_are_read_for_a_token_have_limits(shop: Site) -> None:
    """Before the check, too: memory is bounded."""
    many = [field(f"a{number}") for number in range(11)]
    for parts in ([field("a", "x" * 200_000)], many):
        answer = shop.post("/save", *parts, headers=COOKIE)
        assert answer.status == 413
    body = form(b"--" + BOUNDARY + b"\r\nbad\r\n\r\n")
    assert shop.client.ask("POST", "/save", body, {**TYPE, **COOKIE}).status == 400
