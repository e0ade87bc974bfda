"""An app over a real socket: routes, bodies, middleware, errors (core:RES-*, NF-*, MW-*, CTL-*)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.app.serving import Client, served

FILES = {
    "app/router.py": """
        def router(app):
            home = app.controller.home
            app.router.get("/", home.index)
            app.router.get("/sync", home.sync)
            app.router.get("/plain", app.controller.plain.hello)
            app.router.get("/user/:id", home.user)
            app.router.get("/service", home.greet)
            app.router.get("/twice", home.twice)
            app.router.get("/without", home.without)
            app.router.get("/empty", home.empty)
            app.router.get("/nothing", home.nothing)
            app.router.get("/html", lambda ctx: "<b>hi</b>")
            app.router.get("/bytes", lambda ctx: b"\\x00\\xff")
            app.router.get("/list", lambda ctx: [1, "é", None, float("nan")])
            app.router.get("/created", home.created)
            app.router.get("/redirect", home.redirect)
            app.router.get("/stream", home.stream)
            app.router.get("/boom", home.boom)
            app.router.get("/teapot", home.teapot)
            app.router.get("/secret", home.secret)
            app.router.post("/echo", home.echo)
            app.router.post("/raw", home.raw)
            app.router.get("/inner", inner, home.index)
            app.router.get("/query", lambda ctx: [ctx.query, ctx.queries])
            app.router.get("/api/x", lambda ctx: "api")
            app.router.get("/late", home.late)

        async def inner(ctx, next):
            await next()
            ctx.body += " inner"
        """,
    "app/controller/home.py": """
        import asyncio
        from eggd import Controller, HttpError

        class Base(Controller):
            def _private(self):
                return "private"

        del Base

        class HomeController(Controller):
            async def index(self):
                self.ctx.body = "hi, egg"

            def sync(self):
                return {"message": "hi"}

            async def user(self):
                return self.ctx.params

            async def greet(self):
                return self.service_text()

            def service_text(self):
                return self.ctx.service.admin.greeting.text("ada")

            async def twice(self):
                first = self.ctx.service.admin.greeting
                return str(first is self.ctx.service.admin.greeting)

            async def without(self):
                self.ctx.body = None

            async def empty(self):
                self.ctx.body = ""

            async def nothing(self):
                self.ctx.status = 403

            async def created(self):
                self.ctx.status = 201
                self.ctx.set("X-Two", ["a", "b"])
                self.ctx.type = "html"
                self.ctx.body = "made"

            async def redirect(self):
                self.ctx.redirect("/a b?<x>")

            async def stream(self):
                async def chunks():
                    for number in range(3):
                        await asyncio.sleep(0)
                        yield f"{number};"
                self.ctx.type = "txt"
                return chunks()

            async def boom(self):
                raise ValueError("password is 1234")

            async def teapot(self):
                self.ctx.set("X-Before", "1")
                self.ctx.throw(418, "<short> & stout")

            async def secret(self):
                raise HttpError(503, "database at 10.0.0.1 is down")

            async def echo(self):
                self.ctx.body = self.ctx.request.body

            async def raw(self):
                return await self.ctx.request.read()

            async def late(self):
                await asyncio.sleep(0)
                async with asyncio.timeout(5):
                    await asyncio.sleep(0)
                return "late"
        """,
    "app/controller/plain.py": "def hello(ctx):\n    return 'plain'\n",
    "app/service/admin/greeting.py": """
        from eggd import Service

        class GreetingService(Service):
            def text(self, name):
                return f"{self.config.greeting} {name} from {self.path_name}"
        """,
    "app/middleware/mark.py": """
        def mark(options, app):
            async def middleware(ctx, next):
                await next()
                ctx.append("X-Mark", options["name"])
            return middleware
        """,
    "app/middleware/api_only.py": """
        def api_only(options, app):
            async def middleware(ctx, next):
                ctx.append("X-Mark", "api")
                await next()
            return middleware
        """,
    "config/config_default.py": """
        greeting = "hello"
        middleware = ["mark", "api_only"]
        mark = {"name": "outer"}
        api_only = {"match": "/api"}
        """,
}

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("demo") / "app", FILES) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "status", "kind", "body"),
    [
        ("/", 200, TEXT, "hi, egg"),
        ("/sync", 200, JSON, '{"message":"hi"}'),
        ("/plain", 200, TEXT, "plain"),
        ("/user/a%20b", 200, JSON, '{"id":"a b"}'),
        ("/service", 200, TEXT, "hello ada from service.admin.greeting"),
        ("/twice", 200, TEXT, "True"),
        ("/without", 204, None, ""),
        ("/empty", 200, TEXT, ""),
        ("/nothing", 403, TEXT, "Forbidden"),
        ("/html", 200, HTML, "<b>hi</b>"),
        ("/bytes", 200, "application/octet-stream", None),
        ("/list", 200, JSON, '[1,"é",null,null]'),
        ("/created", 201, HTML, "made"),
        ("/stream", 200, TEXT, "0;1;2;"),
        ("/inner", 200, TEXT, "hi, egg inner"),
        ("/query?a=1&a=2&b=&=x", 200, JSON, '[{"a":"1","b":""},{"a":["1","2"],"b":[""]}]'),
        ("/late", 200, TEXT, "late"),
        ("/not-there", 404, HTML, "<h1>404 Not Found</h1>"),
        ("/not-there.json", 404, JSON, '{"message":"Not Found"}'),
    ],
)
def test_answers(client: Client, path: str, status: int, kind: str | None, body: str) -> None:
    # core:RES-1, RES-2, RES-3, RES-7, NF-2, NF-4, CTL-3, SVC-3
    answer = client.get(path)
    assert (answer.status, answer.headers["Content-Type"]) == (status, kind)
    assert body is None or answer.text == body


def test_a_head_request_has_the_length_and_no_body(client: Client) -> None:
    # core:RES-6, RT-1
    answer = client.ask("HEAD", "/")
    assert (answer.status, answer.headers["Content-Length"], answer.body) == (200, "7", b"")


def test_every_answer_has_a_readtime(client: Client) -> None:
    # core:META-1, process:CL-30
    milliseconds = client.get("/").headers["X-Readtime"]
    whole, _, decimals = milliseconds.partition(".")
    assert whole.isdigit()
    assert len(decimals) == 3


def test_middleware_runs_for_the_paths_of_its_options(client: Client) -> None:
    # core:MW-1, MW-2, MW-5, RES-13
    assert client.get("/").headers.get_all("X-Mark") == ["outer"]
    assert client.get("/API/x").headers.get_all("X-Mark") == ["api", "outer"]
    assert client.get("/created").headers.get_all("X-Two") == ["a", "b"]


def test_a_redirect_escapes_its_target(client: Client) -> None:
    # core:RES-9
    answer = client.get("/redirect")
    assert (answer.status, answer.headers["Location"]) == (302, "/a%20b?%3Cx%3E")
    assert client.get("/redirect", Accept="text/plain").headers["Content-Type"] == TEXT


@pytest.mark.parametrize(
    ("path", "accept", "status", "body"),
    [
        ("/boom", "", 500, "<h1>500 Internal Server Error</h1>"),
        ("/boom", "application/json", 500, '{"message":"Internal Server Error"}'),
        ("/secret", "application/json", 503, '{"message":"Service Unavailable"}'),
        ("/teapot", "application/json", 418, '{"message":"<short> & stout"}'),
        ("/teapot", "", 418, "<h1>418 I'm a Teapot</h1><p>&lt;short&gt; &amp; stout</p>"),
    ],
)
def test_a_client_sees_only_exposed_messages(
    client: Client, path: str, accept: str, status: int, body: str
) -> None:
    """Other messages are only logged (core:CTX-8)."""
    answer = client.get(path, Accept=accept)
    assert (answer.status, answer.text.replace("&#x27;", "'")) == (status, body)
    assert ("X-Before" in answer.headers) is (path == "/teapot")


def test_a_failure_is_logged_with_its_request(client: Client) -> None:
    client.get("/boom")
    text = next(client.log_dir.glob("common-error.log")).read_text()
    assert "password is 1234" in text
    assert "GET /boom]" in text


@pytest.mark.parametrize(
    ("kind", "body", "status", "answer"),
    [
        ("application/json", b'{"a":[1]}', 200, '{"a":[1]}'),
        ("application/json; charset=utf-8", b"", 200, "{}"),
        ("application/json", b"{", 400, None),
        ("application/json", b"3", 400, None),
        ("application/x-www-form-urlencoded", b"a=1&b=2&b=3", 200, '{"a":"1","b":["2","3"]}'),
        ("text/xml", b"<a/>", 200, "{}"),
        ("application/json", b'"' + b"x" * (1 << 20) + b'"', 413, None),
    ],
)
def test_bodies_are_parsed_by_their_type(
    client: Client, kind: str, body: bytes, status: int, answer: str | None
) -> None:
    # core:BODY-1, BODY-2, BODY-3, BODY-4
    found = client.ask("POST", "/echo", body, {"Content-Type": kind})
    assert found.status == status
    assert answer is None or json.loads(found.body) == json.loads(answer)


def test_a_chunked_body_arrives_whole(client: Client) -> None:
    """RFC 9112 section 7.1 (core:BODY-10)."""
    chunks = iter([b"a" * 100_000, b"b", b"c" * 70_000])
    answer = client.ask("POST", "/raw", chunks, {"Transfer-Encoding": "chunked"})
    assert answer.body == b"a" * 100_000 + b"b" + b"c" * 70_000
