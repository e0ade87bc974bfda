"""The members of a request, without a server: tables on anonymous contexts (core:REQ-*)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.app.application import Application
from eggd.app.context.anonymous import AnonymousRequest
from eggd.app.context.request import Request
from tests.app.loading import loaded

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PROXY = "proxy = True\nhost_headers = 'x-host, x-forwarded-host'\nip_headers = 'x-real, x-for'\n"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    made: Application = loaded(tmp_path_factory.mktemp("plain") / "shop", {})
    yield made
    made.loggers.close()


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    root = tmp_path_factory.mktemp("proxy") / "shop"
    made: Application = loaded(root, {"config/config_default.py": PROXY})
    yield made
    made.loggers.close()


def request(app: Application, url: str = "/", method: str = "GET", **headers: str) -> Request:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = AnonymousRequest(method=method, url=url, headers=fields, peer=("::ffff:10.0.0.9", 1))
    return app.create_anonymous_context(asked).request


def test_query_has_the_first_values_and_may_be_changed(app: Application) -> None:
    """The mutation survives; another query string, another query (core:REQ-1, REQ-3)."""
    made = request(app, "/?a=1&a=2&b[x]=3")
    assert made.query == {"a": "1", "b[x]": "3"}
    made.query["c"] = "4"
    assert made.query["c"] == "4"
    made.querystring = "a=5"
    assert (made.query, made.queries) == ({"a": "5"}, {"a": ["5"]})


def test_a_query_that_is_assigned_is_in_the_url(app: Application) -> None:
    # core:REQ-3
    made = request(app, "/a?x=1")
    made.query = {"é": "a b", "l": ["1", "2"]}
    assert (made.url, made.search) == ("/a?%C3%A9=a%20b&l=1&l=2", "?%C3%A9=a%20b&l=1&l=2")
    made.url = "/b"
    assert (made.path, made.querystring, made.original_url) == ("/b", "", "/a?x=1")


@pytest.mark.parametrize(
    ("headers", "host", "hostname"),
    [
        ({"host": "a.com:80"}, "a.com:80", "a.com"),
        ({"host": "[::1]:80"}, "[::1]:80", "[::1]"),
        ({"host": "a.com", "x_forwarded_host": "b.com, c.com"}, "b.com", "b.com"),
        ({"host": "a.com", "x_host": " d.com:1 ", "x_forwarded_host": "b.com"}, "d.com:1", "d.com"),
        ({"host": "a.com", "x_host": ""}, "a.com", "a.com"),
        ({"host": "a.com", "x_host": "[::1]:8"}, "[::1]:8", "[::1]"),
        # A text that is not a host is ignored.
        ({"host": "a.com", "x_host": "b.com/<p>"}, "a.com", "a.com"),
        ({"host": "a.com", "x_host": "u@b.com", "x_forwarded_host": "c.com"}, "c.com", "c.com"),
    ],
)
def test_host(behind: Application, headers: dict[str, str], host: str, hostname: str) -> None:
    # core:REQ-5, REQ-6
    made = request(behind, **headers)
    assert (made.host, made.hostname) == (host, hostname)


def test_headers_of_a_proxy_are_ignored_without_proxy(app: Application) -> None:
    # core:REQ-5, REQ-7, REQ-8, REQ-9
    told = {"x_forwarded_host": "b", "x_forwarded_proto": "https", "x_forwarded_for": "1.1.1.1"}
    made = request(app, "/x?y", host="a:1", **told)
    assert (made.host, made.secure, made.ips, made.ip) == ("a:1", False, [], "10.0.0.9")
    assert (made.origin, made.href) == ("http://a:1", "http://a:1/x?y")  # core:REQ-11


@pytest.mark.parametrize(
    ("host", "subdomains"),
    [("a.b.example.com", ["b", "a"]), ("example.com", []), ("127.0.0.1", []), ("[::1]", [])],
)
def test_subdomains(app: Application, host: str, subdomains: list[str]) -> None:
    # core:REQ-6
    assert request(app, host=host).subdomains == subdomains


@pytest.mark.parametrize(
    ("header", "protocol"),
    [
        ("https, http", "https"),
        ("", "http"),
        (" , ", "http"),
        ("HTTPS", "https"),
        ("javascript", "http"),
        ("wss", "http"),
        ("https://", "http"),
    ],
)
def test_protocol(behind: Application, header: str, protocol: str) -> None:
    # core:REQ-7
    made = request(behind, x_forwarded_proto=header)
    assert (made.protocol, made.secure) == (protocol, protocol == "https")


def test_protocol_and_count_of_ips_by_config(tmp_path: Path) -> None:
    # core:REQ-7, REQ-8
    text = "proxy = True\nprotocol = 'https'\nmax_ips_count = 2\n"
    made: Application = loaded(tmp_path / "shop", {"config/config_default.py": text})
    asked = request(made, x_forwarded_for="1.1.1.1, 2.2.2.2, 3.3.3.3")
    assert (asked.protocol, asked.ips, asked.ip) == ("https", ["2.2.2.2", "3.3.3.3"], "2.2.2.2")
    made.loggers.close()


@pytest.mark.parametrize(
    ("headers", "ips", "ip"),
    [
        ({}, [], "10.0.0.9"),
        ({"x_for": "1.1.1.1, 2.2.2.2"}, ["1.1.1.1", "2.2.2.2"], "1.1.1.1"),
        ({"x_real": "", "x_for": "::ffff:3.3.3.3"}, ["3.3.3.3"], "3.3.3.3"),
        ({"x_real": "4.4.4.4", "x_for": "1.1.1.1"}, ["4.4.4.4"], "4.4.4.4"),
        # Ports are removed, and text that is not an address is ignored.
        ({"x_for": "1.1.1.1:80, [2001:db8::1]:443"}, ["1.1.1.1", "2001:db8::1"], "1.1.1.1"),
        ({"x_for": "[::1], 2001:db8::2"}, ["::1", "2001:db8::2"], "::1"),
        ({"x_for": "unknown, _hidden, 1.1.1.1"}, ["1.1.1.1"], "1.1.1.1"),
        ({"x_for": "1.1.1.1:http, <script>, 999.1.1.1, fe80::1%a b"}, [], "10.0.0.9"),
        ({"x_real": "junk", "x_for": "1.1.1.1"}, ["1.1.1.1"], "1.1.1.1"),
    ],
)
def test_ips(behind: Application, headers: dict[str, str], ips: list[str], ip: str) -> None:
    # core:REQ-8, REQ-9
    made = request(behind, **headers)
    assert (made.ips, made.ip) == (ips, ip)
    made.ip = "::ffff:5.5.5.5"
    assert made.ip == "::ffff:5.5.5.5"


@pytest.mark.parametrize(
    ("url", "accept", "json"),
    [
        ("/a.json", BROWSER, True),
        ("/a", "", False),
        ("/a", "*/*", False),
        ("/a", "application/json", True),
        ("/a", "application/json, text/plain, */*", True),
        ("/a", BROWSER, False),
    ],
)
def test_accept_json(app: Application, url: str, accept: str, json: bool) -> None:
    # core:REQ-10
    assert request(app, url, accept=accept).accept_json is json


def test_to_json_and_repr(app: Application) -> None:
    # core:REQ-12
    made = request(app, "/a?b=1", host="h")
    shown = {"method": "GET", "url": "/a?b=1", "header": dict(made.headers.items())}
    assert (made.to_json(), repr(made)) == (shown, "<Request GET /a?b=1>")


@pytest.mark.parametrize(
    ("kind", "asked", "found"),
    [
        ("text/html; charset=utf-8", ("json", "html"), "html"),
        ("text/html", ("text/*",), "text/html"),
        ("text/html", (), "text/html"),
        ("text/html", ("json",), ""),
        ("application/problem+json", ("+json",), "application/problem+json"),
        ("application/x-www-form-urlencoded", ("urlencoded",), "urlencoded"),
        ("multipart/form-data; boundary=x", ("multipart",), "multipart/form-data"),
        ("", ("json",), ""),
    ],
)
def test_the_type_of_a_body(
    app: Application, kind: str, asked: tuple[str, ...], found: str
) -> None:
    # core:REQ-13
    made = request(app, content_type=kind, content_length="3")
    assert made.is_type(*asked) == found
    assert request(app, content_type=kind).is_type(*asked) is None


def test_length_charset_and_method(app: Application) -> None:
    # core:REQ-15
    made = request(app, method="PUT", content_length="12", content_type='text/html; charset="GBK"')
    assert (made.length, made.charset, made.idempotent) == (12, "GBK", True)
    assert (request(app).length, request(app).charset) == (None, "")
    assert request(app, referer="/a").get("Referrer") == "/a"


def test_accepts(app: Application) -> None:
    """Koa's accepts*; "" where koa has false (core:CTX-1)."""
    made = request(app, accept="text/*;q=0.5, application/json", accept_language="de-AT, en;q=0.1")
    assert (made.accepts("html", "json"), made.accepts("png"), made.accepts()) == ("json", "", "")
    assert (made.accepts_languages("en", "de"), made.accepts_languages()) == ("de", "")
    assert made.accepts_encodings("gzip", "identity") == "identity"
    assert made.accepts_charsets("utf-8") == "utf-8"
    assert made.preferences() == ["application/json", "text/*"]


@pytest.mark.parametrize(
    ("referer", "location"),
    [("https://shop.com/x", "https://shop.com/x"), ("http://inner:7001/x", "/else")],
)
def test_back_compares_with_the_host_that_a_proxy_reports(
    behind: Application, referer: str, location: str
) -> None:
    # core:RES-10, REQ-5
    fields = {"host": "inner:7001", "x-forwarded-host": "SHOP.com", "referer": referer}
    ctx = behind.create_anonymous_context(AnonymousRequest(headers=fields))
    ctx.back("/else")
    assert ctx.get_field("location") == location
