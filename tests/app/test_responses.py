"""Responses over a real socket: tables of small handlers (core:RES-*, CTX-*)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from time import perf_counter, time

import pytest

from eggd.app.application import Application
from eggd.app.context.anonymous import AnonymousRequest
from eggd.app.context.context import Context
from eggd.errors import EggError, HttpError
from tests.app.loading import loaded
from tests.app.serving import Client, served

FILES = {
    "app/controller/home.py": """
        def cleared(ctx):
            ctx.status = 200
            ctx.body = None

        def null(ctx):
            ctx.body = None
            ctx.status = 200

        def dropped(ctx):
            ctx.status = int(ctx.params["status"])
            ctx.body = "content"

        def phrase(ctx):
            ctx.status = int(ctx.params["status"])

        def problem(ctx):
            ctx.type = ctx.query["type"]
            ctx.body = {"é": 1}

        def text(ctx):
            ctx.type = "html"
            ctx.body = {}
            ctx.body = "x"

        def fields(ctx):
            ctx.set({"X-A": 1, "x-list": ["a", "b"]})
            ctx.append("X-A", 2)
            ctx.set("X-Gone", 1)
            ctx.remove("x-gone")
            ctx.vary("Accept")
            ctx.vary("accept, Origin")
            ctx.attachment("é.csv")
            return [ctx.get_field("x-a"), ctx.header_sent, ctx.writable]

        async def taken(ctx, next):
            await next()
            ctx.body = "not this"

        async def later(ctx):
            ctx.respond = False
            async def answer():
                ctx.exchange.send(202, b"", b"raw")
            ctx.run_in_background(answer)

        def sent(ctx):
            ctx.exchange.send(203, b"", b"raw")
            ctx.body = "not this"

        def failed(ctx):
            ctx.respond = False
            ctx.throw(403)

        def strange(ctx):
            return object()

        def back(ctx):
            ctx.back("/else")

        def away(ctx):
            ctx.status = 301
            ctx.redirect(ctx.query["to"])
        """,
    "app/router.py": """
        def router(app):
            home = app.controller.home
            names = "cleared null problem text fields back away strange sent failed"
            for name in names.split():
                app.router.get(f"/{name}", getattr(home, name))
            app.router.get("/later", home.taken, home.later)
            app.router.get("/dropped/:status", home.dropped)
            app.router.get("/phrase/:status", home.phrase)
        """,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("responses") / "shop", FILES) as made:
        yield made


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    made: Application = loaded(tmp_path_factory.mktemp("plain") / "shop", {})
    yield made
    made.loggers.close()


def context(app: Application, method: str = "GET", **headers: str) -> Context:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.create_anonymous_context(AnonymousRequest(method=method, headers=fields))


@pytest.mark.parametrize(
    ("path", "status", "kind", "body"),
    [
        ("/cleared", 204, None, ""),
        ("/null", 200, None, ""),
        ("/dropped/204", 204, None, ""),
        ("/dropped/205", 205, None, ""),
        ("/dropped/304", 304, None, ""),
        ("/dropped/599", 599, "text/plain; charset=utf-8", "content"),
        ("/phrase/403", 403, "text/plain; charset=utf-8", "Forbidden"),
        ("/phrase/799", 799, "text/plain; charset=utf-8", "799"),
        ("/problem?type=html", 200, "application/json; charset=utf-8", '{"é":1}'),
        ("/problem?type=application/problem%2Bjson", 200, None, '{"é":1}'),
        ("/text", 200, "text/html; charset=utf-8", "x"),
    ],
)
def test_status_and_type(
    client: Client, path: str, status: int, kind: str | None, body: str
) -> None:
    # core:RES-1, RES-3, RES-4, RES-5, RES-7, RES-8
    answer = client.get(path)
    assert (answer.status, answer.text) == (status, body)
    assert "problem" in path or answer.headers["Content-Type"] == kind
    assert status in (204, 304) or int(answer.headers["Content-Length"]) == len(body.encode())


def test_a_json_type_is_kept(client: Client) -> None:
    # core:RES-3
    answer = client.get("/problem?type=application/problem%2Bjson")
    assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"


def test_fields(client: Client) -> None:
    # core:RES-13, RES-14, X-2
    answer = client.get("/fields")
    assert json.loads(answer.body) == ["1, 2", False, True]
    assert answer.headers.get_all("x-a") == ["1", "2"]
    assert answer.headers.get_all("X-List") == ["a", "b"]
    assert (answer.headers["X-Gone"], answer.headers["Vary"]) == (None, "Accept, Origin")
    disposition = "attachment; filename=\"?.csv\"; filename*=UTF-8''%C3%A9.csv"
    assert answer.headers["Content-Disposition"] == disposition


def test_only_the_documented_fields_are_added(client: Client) -> None:
    # core:RES-18, X-3
    names = {name.lower() for name in client.get("/phrase/200").headers}
    expected = {"content-type", "x-readtime", "date", "connection", "keep-alive", "content-length"}
    assert names == expected


@pytest.mark.parametrize(
    ("referrer", "location"),
    [
        ("http://a.com/x?y", "http://a.com/x?y"),
        ("http://b.com/x", "/else"),
        ("javascript://a.com/", "/else"),
        ("http://[", "/else"),
        ("", "/else"),
    ],
)
def test_back_stays_on_this_site(client: Client, referrer: str, location: str) -> None:
    # core:RES-10
    answer = client.get("/back", Host="a.com", Referer=referrer)
    assert (answer.status, answer.headers["Location"]) == (302, location)


def test_a_redirect_keeps_its_status(client: Client) -> None:
    # core:RES-9
    answer = client.get("/away?to=http://google.com")
    assert (answer.status, answer.headers["Location"]) == (301, "http://google.com/")
    answer = client.get("/away?to=/%C3%A9", Accept="text/plain")
    assert (answer.headers["Location"], answer.text) == ("/%C3%A9", "Redirecting to /%C3%A9.")


@pytest.mark.parametrize("status", ["200", True, 99, 1000, 200.0, None])
def test_a_status_is_a_number(app: Application, status: int) -> None:
    # core:RES-8
    with pytest.raises(EggError, match="status code"):
        context(app).status = status


def test_validators(app: Application) -> None:
    # core:RES-12
    ctx = context(app)
    assert not ctx.last_modified
    ctx.etag, ctx.last_modified = "abc", 784111777
    assert ctx.get_field("last-modified") == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert (ctx.etag, ctx.last_modified) == ('"abc"', datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC))
    ctx.last_modified = datetime(2001, 1, 1, tzinfo=UTC)
    assert ctx.get_field("last-modified") == "Mon, 01 Jan 2001 00:00:00 GMT"


@pytest.mark.parametrize(
    ("method", "status", "fresh"),
    [("GET", 200, True), ("HEAD", 304, True), ("POST", 200, False), ("GET", 404, False)],
)
def test_fresh(app: Application, method: str, status: int, fresh: bool) -> None:
    # core:REQ-14
    ctx = context(app, method, if_none_match='W/"a"')
    ctx.status, ctx.etag = status, "a"
    assert (ctx.fresh, ctx.stale) == (fresh, not fresh)


def test_length_and_type(app: Application) -> None:
    """An unknown type removes the field (core:RES-4, RES-11, RES-15)."""
    ctx = context(app)
    ctx.body = "é"
    assert (ctx.length, ctx.type, ctx.message) == (2, "", "OK")
    ctx.length, ctx.type = 7, "png"
    assert (ctx.length, ctx.type) == (7, "image/png")
    ctx.type = "no-such-thing"
    assert ctx.type == ""
    assert context(app).length is None


def test_the_response_has_fields_of_its_own(app: Application) -> None:
    """A name is looked up in the response or in the request (core:CTX-1)."""
    ctx = context(app, etag="of the request")
    ctx.set("ETag", '"a"')
    ctx.append("X-List", 1)
    ctx.append("X-List", 2)
    assert (ctx.response.get("ETag"), ctx.response.get("x-list")) == ('"a"', "1, 2")
    assert (ctx.get("ETag"), ctx.request.get("ETag")) == ("of the request", "of the request")
    assert ctx.response.get("x-absent") == ""


def test_the_response_is_one_object_of_the_apps_class(app: Application) -> None:
    """Every access returns the same response, of the class that the app extends (core:CTX-1)."""
    ctx = context(app)
    response: object = ctx.response
    assert (response is ctx, ctx.response is response) == (False, True)
    assert type(response) is app.response_class
    ctx.response.status = 201
    ctx.response.set("X-A", 1)
    ctx.response.mark = 1  # type: ignore[attr-defined]
    assert (ctx.status, ctx.get_field("x-a")) == (201, "1")


def test_a_reset_drops_the_body_and_the_fields_that_describe_it(app: Application) -> None:
    """Other fields are kept: CORS fields are needed by the answer to an error too (core:ERR-1)."""
    ctx = context(app)
    ctx.body = "text"
    ctx.set({"ETag": "a", "Content-Language": "de", "Content-Security-Policy": "x", "X-A": 1})
    ctx.response.reset()
    assert (ctx.status, ctx.body) == (500, None)
    assert list(ctx.response.fields) == ["content-security-policy", "x-a"]


def test_vary_by_everything(app: Application) -> None:
    # core:RES-13
    ctx = context(app)
    ctx.vary("Accept-Encoding")
    ctx.vary("*")
    assert ctx.get_field("vary") == "*"


@pytest.mark.parametrize(
    ("accepts", "coding", "encoding"),
    [
        ("br, gzip;q=0.5", "br", "br"),
        ("gzip", "gzip", "gzip"),
        ("", "identity", ""),
        (None, None, "gzip"),
    ],
)
def test_a_negotiated_coding_sets_vary(
    app: Application, accepts: str | None, coding: str | None, encoding: str
) -> None:
    """A response that depends on the coding varies by it (RFC 9110 section 12.5.5)."""
    ctx = app.create_anonymous_context(AnonymousRequest(headers={"Accept-Encoding": accepts or ""}))
    if accepts is not None:
        assert ctx.accepts_encodings("br", "gzip", "identity") == coding
    if encoding:
        ctx.set("Content-Encoding", encoding)
    assert ctx.get_field("vary") == "Accept-Encoding"


def test_real_status(app: Application) -> None:
    # core:CTX-6
    ctx = context(app)
    assert ctx.real_status == 404
    ctx.status, ctx.real_status = 302, 500
    assert (ctx.status, ctx.real_status) == (302, 500)


def test_state_is_locals(app: Application) -> None:
    # core:CTX-5
    ctx = context(app)
    ctx.state["a"] = 1
    ctx.locals = {"b": 2}
    assert ctx.locals is ctx.state
    assert (ctx.state["a"], ctx.state["b"]) == (1, 2)
    with pytest.raises(EggError, match=r"ctx\.state cannot take 3"):
        ctx.state = 3  # type: ignore[assignment]


def test_loggers_by_name(app: Application) -> None:
    # core:CTX-4
    ctx = context(app)
    assert ctx.get_logger("no-such") is None  # process:LOG-3
    assert ctx.get_logger("logger") is not None


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [("/later", 202, "raw"), ("/sent", 203, "raw"), ("/failed", 403, "<h1>403 Forbidden</h1>")],
)
def test_an_app_may_send_the_response_itself(
    client: Client, path: str, status: int, body: str
) -> None:
    # core:CTX-9, CTX-10
    answer = client.get(path)
    assert (answer.status, answer.text) == (status, body)


def test_a_body_that_json_cannot_represent_is_500(client: Client) -> None:
    # core:RES-17
    answer = client.get("/strange")
    assert (answer.status, answer.text) == (500, "<h1>500 Internal Server Error</h1>")


def test_members_of_a_context(app: Application) -> None:
    # core:CTX-2
    ctx = context(app)
    assert abs(ctx.starttime - time()) < 5
    assert 0 <= perf_counter() - ctx.performance_starttime < 5
    assert (ctx.helper.ctx, ctx.helper, ctx.helper.app) == (ctx, ctx.helper, app)
    assert (ctx.app, ctx.config, ctx.router) == (app, app.config, app.router)
    assert (ctx.service is ctx.service, ctx.state is ctx.locals) == (True, True)
    assert (ctx.query, ctx.queries) == ({}, {})
    assert (ctx.real_status, ctx.ip, ctx.accept_json) == (404, "127.0.0.1", False)
    assert ctx.get_logger("logger") is not None


def test_throw_and_check(app: Application) -> None:
    # core:CTX-8
    ctx = context(app)
    ctx.check(1 == 1, 400)
    with pytest.raises(HttpError, match="Not Found") as caught:
        ctx.check(None, 404)
    assert (caught.value.status, caught.value.expose) == (404, True)
    with pytest.raises(HttpError) as caught:
        ctx.throw(503, "x")
    assert not caught.value.expose


OF_REQUEST = [
    *("method", "url", "original_url", "path", "querystring", "search", "query", "queries"),
    *("host", "hostname", "subdomains", "ip", "ips", "protocol", "secure", "origin", "href"),
    *("headers", "idempotent", "accept_json"),
]
ASKED = [
    *(("get", "host"), ("is_type", "json"), ("accepts", "html"), ("accepts_charsets", "utf-8")),
    *(("accepts_encodings", "gzip"), ("accepts_languages", "de")),
]
OF_RESPONSE = [
    *("body", "status", "message", "type", "length", "etag", "last_modified", "redirect", "back"),
    *("attachment", "set", "append", "vary", "remove", "header_sent", "writable", "real_status"),
]


def test_ctx_has_the_members_of_request_and_response(app: Application) -> None:
    """Fresh objects for each request, of the app's own classes (core:CTX-1)."""
    ctx, other = context(app, host="shop.example:7001"), context(app)
    assert [getattr(ctx, name) for name in OF_REQUEST] == [
        getattr(ctx.request, name) for name in OF_REQUEST
    ]
    assert [getattr(ctx, name)(asked) for name, asked in ASKED] == [
        getattr(ctx.request, name)(asked) for name, asked in ASKED
    ]
    assert [name for name in OF_RESPONSE if not hasattr(ctx.response, name)] == []
    assert (ctx.request is ctx.request, ctx.request is other.request) == (True, False)
    assert (type(ctx), type(ctx.request)) == (app.context_class, app.request_class)
    ctx.query["mine"] = "1"
    assert (ctx.query, other.query) == ({"mine": "1"}, {})


def test_ctx_delegates_to_its_request(app: Application) -> None:
    # core:CTX-1
    ctx = context(app, accept="application/json", host="a.b.c.d")
    assert (ctx.subdomains, ctx.accepts("html", "json"), ctx.accept_json) == (["b", "a"], "json", 1)
    ctx.url, ctx.ip = "/x?y=1", "1.1.1.1"
    assert (ctx.path, ctx.query, ctx.search, ctx.ip) == ("/x", {"y": "1"}, "?y=1", "1.1.1.1")
    assert (ctx.original_url, ctx.href) == ("/", "http://a.b.c.d/")
    html = context(app)
    assert not html.accept_json
    html.type = "json"
    assert html.accept_json  # core:REQ-10
