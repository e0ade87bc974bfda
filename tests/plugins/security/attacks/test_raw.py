"""Attacks over raw sockets: bytes that an HTTP library would not send."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from tests.app.serving import Client
from tests.plugins.security.site import site

SESSION = """
    async def login(ctx):
        ctx.session.regenerate()
        ctx.session["user"] = "ada"
        return "welcome"

    def who(ctx):
        return str(ctx.session.get("user", "stranger"))

    def echo(ctx):
        ctx.set("X-Echo", ctx.query["value"])
        return ctx.query["value"]

    def link(ctx):
        return f"{ctx.protocol}://{ctx.host}/reset"

    async def transfer(ctx):
        return f"moved {ctx.request.body.get('sum')}"

    def router(app):
        app.get("/", lambda ctx: "home")
        app.get("/csrf", lambda ctx: ctx.csrf)
        app.post("/login", login)
        app.get("/who", who)
        app.get("/echo", echo)
        app.get("/link", link)
        app.get("/go", lambda ctx: ctx.redirect(ctx.query["to"]))
        app.get("/upload", lambda ctx: b"<script>alert(1)</script>")
        app.post("/transfer", transfer)
"""
FRAMES = (b"X-Frame-Options: SAMEORIGIN", b"X-Content-Type-Options: nosniff")
LEVELS = ("egg", "strict")


@pytest.fixture(scope="module", params=LEVELS)
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    level: str = request.param
    config = f"session = {{'store': 'memory'}}\nsecurity = {{'level': '{level}'}}"
    with site(tmp_path_factory.mktemp(level), config, files={"app/router.py": SESSION}) as client:
        yield client


def ask(client: Client, head: str, body: str = "") -> bytes:
    """Returns the whole answer to a request with these lines, LF for CRLF."""
    lines = head.strip("\n").replace("\n", "\r\n").encode("latin-1")
    length = f"\r\nContent-Length: {len(body)}" if body else ""
    data = lines + f"{length}\r\nConnection: close\r\n\r\n{body}".encode()
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as raw:
        raw.sendall(data)
        answer = b""
        while piece := raw.recv(65536):
            answer += piece
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


COOKIE = "Cookie: csrfToken=abcdefgh; EGG_SESS=x"
FORM = "Content-Type: application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, "sum=1"),
        ("Content-Type: text/plain", '{"sum": 1}'),
        ("Content-Type: application/json", '{"sum": 1}'),
        ("Content-Type: multipart/form-data; boundary=a", "--a--"),
        ("Content-Type: text/plain; application/json", '{"sum": 1}'),
        ("Content-Type:", '{"sum": 1}'),
    ],
)
@pytest.mark.parametrize(
    "browser",
    [
        "Origin: http://evil.example",
        "Origin: null",
        "Origin: http://shop.example.evil.example",
        "Origin: http://shop.example:81",
        "Origin: http://evil.example\nReferer: http://shop.example/",
        "Sec-Fetch-Site: cross-site\nOrigin: http://evil.example",
        "Sec-Fetch-Site: same-site\nOrigin: http://www.shop.example",
        "Sec-Fetch-Site: cross-site\nSec-Fetch-Site: same-origin",
        "Sec-Fetch-Site: SAME-ORIGIN",
        "X-HTTP-Method-Override: GET\nOrigin: http://evil.example",
    ],
)
def test_a_page_of_another_site_changes_nothing(
    client: Client, kind: str, body: str, browser: str
) -> None:
    head = f"POST /transfer HTTP/1.1\nHost: shop.example\n{COOKIE}\n{browser}\n{kind}"
    answer = ask(client, head, body)
    assert status(answer) == 403
    assert b"moved" not in answer


@pytest.mark.parametrize(
    "cookie",
    [
        "csrfToken=abcdefgh; csrfToken=planted",
        "csrfToken=planted; csrfToken=abcdefgh",
        "csrfToken=planted\nCookie: csrfToken=abcdefgh",
    ],
)
def test_a_tossed_cookie_is_not_believed(client: Client, cookie: str) -> None:
    """Cookie tossing by a host of the same domain (known:KW-23)."""
    head = f"POST /transfer HTTP/1.1\nHost: a\nCookie: {cookie}\nX-CSRF-Token: planted\n{FORM}"
    assert status(ask(client, head, "sum=1")) == 403


def test_an_id_of_the_attacker_does_not_become_a_session(client: Client) -> None:
    """Session fixation: the id after the login is another one."""
    planted = "EGG_SESS=attacker; csrfToken=abcdefgh"
    head = f"POST /login HTTP/1.1\nHost: a\nCookie: {planted}\nX-CSRF-Token: abcdefgh"
    answer = ask(client, head, "a=1")
    assert status(answer) == 200
    assert re.search(rb"Set-Cookie: EGG_SESS=(?!attacker)", answer)
    assert b"stranger" in ask(client, f"GET /who HTTP/1.1\nHost: a\nCookie: {planted}")


@pytest.mark.parametrize(
    "path",
    [
        "/../etc/passwd",
        "/%2e%2e/etc/passwd",
        "/a/%2e%2e/%2e%2e/etc/passwd",
        "/..%2fetc%2fpasswd",
        "/..%5c..%5cwindows",
        "/%2e%2e%2f%2e%2e%2f",
    ],
)
def test_a_path_above_the_root_is_refused(client: Client, path: str) -> None:
    assert status(ask(client, f"GET {path} HTTP/1.1\nHost: a")) == 400


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "///evil.example",
        "/%5Cevil.example",
        "%09//evil.example",
        "/%09/evil.example",
        "http:evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "data:text/html,a",
        "%0d%0aX-Injected:1",
        "/%0d%0aX-Injected:1",
        "http://a/%0d%0aX-Injected:1",
    ],
)
def test_a_redirect_stays_on_the_site_and_in_its_line(client: Client, to: str) -> None:
    answer = ask(client, f"GET /go?to={to} HTTP/1.1\nHost: a")
    head = answer.partition(b"\r\n\r\n")[0]
    assert status(answer) == 302
    assert b"\r\nX-Injected" not in head
    location = re.search(rb"\r\nLocation: ([^\r]*)", head)
    assert location is not None
    assert re.match(rb"/(?![/\\])|http://a/", location[1])


@pytest.mark.parametrize("value", ["a%0d%0aX-Injected:1", "a%0aX-Injected:1", "a%00", "a%0d"])
def test_a_line_break_ends_no_field(client: Client, value: str) -> None:
    answer = ask(client, f"GET /echo?value={value} HTTP/1.1\nHost: a")
    assert status(answer) == 500
    assert b"\r\nX-Injected" not in answer
    assert all(field in answer for field in FRAMES)


@pytest.mark.parametrize(
    "host",
    ["evil@good.example", "good.example/evil", "good.example?evil", "a b", "", "a, b"],
)
def test_a_host_that_is_not_one_is_not_believed(client: Client, host: str) -> None:
    """Links are built from it (known:KW-48)."""
    answer = ask(client, f"GET /link HTTP/1.1\nHost: {host}\nX-Forwarded-Host: evil.example")
    assert b"evil.example" not in answer
    if status(answer) != 400:
        assert b"://evil" not in answer


@pytest.mark.parametrize("path", ["/", "/missing", "/upload", "/go?to=/", "/%2e%2e/", "/echo"])
def test_pages_are_framed_and_sniffed_by_no_other_site(client: Client, path: str) -> None:
    """Clickjacking, and confusion about the media type of an upload."""
    answer = ask(client, f"GET {path} HTTP/1.1\nHost: a")
    assert all(answer.count(field) == 1 for field in FRAMES)
    if path == "/upload":
        assert b"Content-Type: application/octet-stream" in answer


@pytest.mark.parametrize(
    "request_", ["GET / / HTTP/1.1\nHost: a", "GET / HTTP/1.1", "G\x00T / HTTP/1.1"]
)
def test_answers_to_malformed_requests_are_protected(client: Client, request_: str) -> None:
    answer = ask(client, request_)
    assert status(answer) in (400, 501)
    assert all(answer.count(field) == 1 for field in FRAMES)
