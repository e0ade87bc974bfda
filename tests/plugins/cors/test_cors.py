"""The header fields for pages of other origins: on every response, and on preflights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.serving import Answer, Client, served

PLUGIN = "config/plugin.py"
DEFAULT = "config/config_default.py"
ON = "cors = True\nsecurity = True\n"
KEYS = "keys = 'some text that is long enough for a key'\n"
ROUTER = """
from eggd import HttpError

def fail(ctx):
    raise HttpError(int(ctx.params["status"]), "no")

def crash(ctx):
    raise LookupError("no")

def own(ctx):
    ctx.set("Vary", "Accept")
    ctx.set("Access-Control-Allow-Origin", "https://own.example")
    return "own"

def stream(ctx):
    async def pieces():
        yield b"a"
    return pieces()

def data(ctx):
    ctx.session["seen"] = 1
    ctx.vary("Accept-Language")
    return {}

def router(app):
    app.get("/", data)
    app.get("/fail/:status", fail)
    app.get("/crash", crash)
    app.get("/own", own)
    app.get("/stream", stream)
    app.redirect("/old", "/")
    app.post("/", lambda ctx: "posted")
    app.get("/quiet", lambda ctx: "quiet")
"""
CONFIG = """
import re
cors = {
    "origin": [
        "https://shop.example", "HTTP://localhost:3000", "https://*.sub.example", "null",
        re.compile(r"https://trusted\\.example"),
    ],
    "credentials": True,
    "expose_headers": ["X-Total", "X-Page"],
    "private_network": True,
    "ignore": "/quiet",
}
"""
SHOP = "https://shop.example"


def fields(answer: Answer) -> dict[str, str]:
    """Returns the fields of CORS, without their prefix."""
    start = "access-control-"
    found = {name.lower(): value for name, value in answer.headers.items()}
    assert len(found) >= len([name for name in answer.headers.keys() if name.startswith(start)])
    return {name[len(start) :]: found[name] for name in found if name.startswith(start)}


def varies(answer: Answer) -> set[str]:
    lines = answer.headers.get_all("vary") or []
    return {name.strip() for line in lines for name in line.split(",")}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    files = {PLUGIN: ON, DEFAULT: KEYS + CONFIG, "app/router.py": ROUTER}
    with served(tmp_path_factory.mktemp("cors"), files) as client:
        yield client


@pytest.mark.parametrize(
    "origin",
    [
        *(SHOP, "http://localhost:3000", "https://a.sub.example", "https://a.b.sub.example"),
        *("https://trusted.example", "null"),
    ],
)
def test_an_allowed_origin(client: Client, origin: str) -> None:
    answer = client.get("/", Origin=origin)
    assert fields(answer) == {
        "allow-origin": origin,
        "allow-credentials": "true",
        "expose-headers": "X-Total, X-Page",
    }
    assert varies(answer) >= {"Origin", "Accept-Language"}


@pytest.mark.parametrize(
    "origin",
    [
        *("https://shop.example.evil.io", "https://shop.example:8080", "http://shop.example"),
        *(
            "https://trusted.example.evil.io",
            "https://trusted.example:8080",
            "https://SHOP.example",
        ),
        *("https://trustedXexample", "https://evil.io#https://trusted.example", "shop.example"),
        *("https://sub.example", "https://.sub.example", "https://evil.io/.sub.example"),
        *("https://evil.io?.sub.example", "https://a@b.sub.example", "https://a..sub.example"),
        *("https://shop.example/", "https://shop.example https://evil.io", "*", "", "NULL"),
        *("https://" + "a." * 4000 + "sub.example", "https://shop.example, https://evil.io"),
    ],
)
def test_another_origin_gets_no_field(client: Client, origin: str) -> None:
    # known:KW-39, KW-40
    answer = client.get("/", Origin=origin)
    assert (answer.status, fields(answer)) == (200, {})
    assert "Origin" in varies(answer)


def test_a_request_without_origin_varies(client: Client) -> None:
    """A cache must not answer another origin with it."""
    answer = client.get("/")
    assert (fields(answer), "Origin" in varies(answer)) == ({}, True)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        *(("GET", f"/fail/{status}", b"", status) for status in (400, 403, 404, 413, 500, 503)),
        ("GET", "/crash", b"", 500),
        ("GET", "/nowhere", b"", 404),
        ("POST", "/", b"{", 400),
        ("POST", "/", b"[" + b"1," * 600_000 + b"1]", 413),
        ("POST", "/", b"{}", 403),  # without a token: security refuses it
        ("GET", "/old", b"", 301),
        ("GET", "/stream", b"", 200),
        ("GET", "/favicon.ico", b"", 200),
    ],
)
def test_every_response_has_the_fields(
    client: Client, method: str, path: str, body: bytes, status: int
) -> None:
    # known:KW-42
    headers = {"Origin": SHOP, "Content-Type": "application/json"}
    answer = client.ask(method, path, body or None, headers)
    assert (answer.status, fields(answer)["allow-origin"]) == (status, SHOP)
    assert fields(answer)["allow-credentials"] == "true"
    assert "Origin" in varies(answer)


def test_a_handlers_own_fields_win(client: Client) -> None:
    answer = client.get("/own", Origin=SHOP)
    assert answer.headers.get_all("access-control-allow-origin") == ["https://own.example"]
    assert varies(answer) == {"Accept", "Origin"}


def test_an_ignored_path(client: Client) -> None:
    answer = client.get("/quiet", Origin=SHOP)
    assert (fields(answer), varies(answer)) == ({}, set())
    assert preflight(client, "/quiet").status == 200  # the router's own answer


def preflight(client: Client, path: str = "/", origin: str = SHOP, **more: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT", **named}
    return client.ask("OPTIONS", path, None, asked)


@pytest.mark.parametrize("path", ["/", "/nowhere", "/fail/500", "/favicon.ico"])
def test_a_preflight_is_answered_first(client: Client, path: str) -> None:
    # known:KW-43
    answer = preflight(client, path, Access_Control_Request_Headers="x-a, content-type")
    assert (answer.status, answer.body) == (204, b"")
    assert fields(answer) == {
        "allow-origin": SHOP,
        "allow-credentials": "true",
        "allow-methods": "GET, HEAD, PUT, POST, DELETE, PATCH",
        "allow-headers": "x-a, content-type",
        "max-age": "600",
    }
    assert answer.headers.get_all("set-cookie") is None
    assert varies(answer) == {"Origin", "Access-Control-Request-Headers"}


@pytest.mark.parametrize(("asked", "allowed"), [("true", "true"), ("yes", None)])
def test_a_private_network(client: Client, asked: str, allowed: str | None) -> None:
    answer = preflight(client, Access_Control_Request_Private_Network=asked)
    assert fields(answer).get("allow-private-network") == allowed


def test_a_preflight_of_another_origin(client: Client) -> None:
    answer = preflight(client, origin="https://evil.io")
    assert (answer.status, fields(answer)) == (204, {})


@pytest.mark.parametrize("names", ["x-a: b", "<b>", "x-\xe9", "x," * 2000])
def test_request_fields_that_are_no_names_are_not_reflected(client: Client, names: str) -> None:
    answer = preflight(client, Access_Control_Request_Headers=names)
    assert "allow-headers" not in fields(answer)


def test_options_without_a_preflight_go_to_the_router(client: Client) -> None:
    answer = client.ask("OPTIONS", "/", None, {"Origin": SHOP})
    assert (answer.status, fields(answer)["allow-origin"]) == (200, SHOP)
    assert "allow-methods" not in fields(answer)


@pytest.mark.parametrize(
    ("options", "origin", "allowed"),
    [
        ("{'origin': '*'}", "https://any.example", "*"),
        ("{'origin': '*'}", "null", "*"),
        ("{'origin': ['https://a.example:444']}", "https://a.example:444", "https://a.example:444"),
        ("{'origin': 'chrome-extension://abc'}", "chrome-extension://abc", "chrome-extension://abc"),
        ("{'origin': re.compile('.*')}", "https://any.example", "https://any.example"),
        ("{'origin': re.compile('.*')}", "null", None),
        ("{'origin': lambda ctx: ctx.query.get('ok') == '1'}", "https://a.example", "https://a.example"),
        ("{'origin': lambda ctx: True, 'credentials': True}", "null", None),
        ("{'origin': lambda ctx: 'null'}", "null", "null"),
        ("{'origin': lambda ctx: 'https://b.example'}", "https://a.example", None),
        ("{'origin': lambda ctx: '*'}", "https://a.example", "*"),
        ("{'origin': lambda ctx: None}", "https://a.example", None),
        ("{}", "https://a.example", None),
        ("{'origin': []}", "https://a.example", None),
    ],
)  # fmt: skip
def test_values_of_origin(tmp_path: Path, options: str, origin: str, allowed: str | None) -> None:
    # known:KW-40
    config = f"import re\ncors = {options}\n"
    files = {PLUGIN: "cors = True\n", DEFAULT: config, "app/router.py": ROUTER}
    with served(tmp_path / "shop", files) as client:
        answer = client.get("/quiet?ok=1", Origin=origin)
        assert fields(answer).get("allow-origin") == allowed
        varying = options not in ("{}", "{'origin': []}", "{'origin': '*'}")
        assert ("Origin" in varies(answer)) is varying


def test_the_plugin_is_off_by_default(tmp_path: Path) -> None:
    files = {"app/router.py": ROUTER}
    with served(tmp_path / "shop", files) as client:
        answer = client.get("/quiet", Origin=SHOP)
        assert (fields(answer), varies(answer)) == ({}, set())
