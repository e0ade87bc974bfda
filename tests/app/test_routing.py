"""Routes as clients meet them: chains, namespaces, resources, parameters, 405 (core:RT-*)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.serving import Client, served

FILES = {
    "app/router.py": """
import re

def mark(text):
    async def middleware(ctx, next):
        ctx.append("x-seen", text)
        await next()
    return middleware

async def first(ctx, next):
    ctx.state["first"] = ctx.params
    await next()
    ctx.append("x-seen", "back")

def seen(ctx):
    return [ctx.router_name, ctx.router_path, ctx.params, ctx.captures]

async def user(value, ctx, next):
    ctx.append("x-user", value)
    if value == "0":
        ctx.throw(404, "no such user")
    await next()

def router(app):
    app.get("/app", lambda ctx: "app").post("/app", lambda ctx: "posted")
    r = app.router
    r.get("chain1", "/chain/:a", first)
    r.use("/chain", mark("between"))
    r.get("chain2", "/:b/x", seen)
    r.get("/lone/:a", first)
    r.use("/lone/:org", mark("after"))
    r.get("regex", re.compile(r"^/re/(\\w+)/(?P<tail>.+)$"), seen)
    r.get("paths", ["/p1", "/p2"], seen)
    r.get("raw", "/raw/(.*)", seen)
    r.redirect("/old", "user", 302)
    r.redirect("/old/:user/:more", "user")
    r.redirect("/away", "https://example.com/a?b=c")
    r.redirect("/nowhere", "missing")
    r.param("user", user)
    r.get("user", "/user/:user", mark("own"), seen)
    api = r.namespace("/api", mark("api"))
    api.get("api_root", "/", seen)
    v1 = api.namespace("/v1/:org", mark("v1"))
    v1.get("deep", "/item/:id", seen)
    v1.resources("posts", "/posts", app.controller.posts)
    r.register(["PURGE"], "/purge", lambda ctx: "purged")
    r.options("/own", lambda ctx: "own options")
    r.get("/helper", lambda ctx: [ctx.helper.path_for("deep", {"org": "o", "id": 1}),
                                  ctx.helper.url_for("user", {"user": "u"}),
                                  api.url("deep", {"org": "o", "id": 2}), app.url("user")])
    r.get("/matched/:x", lambda ctx: [each.pattern.path for each in ctx.matched])
    r.post("/matched/y", seen)
    r.get("/leaf", "leaf")
    r.get("/leads", app.controller.leads.leads)
    r.get("/leads", seen)
    r.get("/boom", "leads.boom")
""",
    "app/router/admin.py": """
def router(app):
    app.router.namespace("/admin").get("/", lambda ctx: "admin first")
""",
    "app/router/inner/deep.py": "def router(app): app.router.get('/d', lambda ctx: 'deep first')",
    "app/controller/posts.py": """
from eggd import Controller

class Posts(Controller):
    async def index(self): return "index"
    def new(self): return "new"
    def show(self): return "show " + self.ctx.params["id"]
    def update(self): return "update " + self.ctx.method
    def destroy(self): self.ctx.status = 204
""",
    "app/controller/leaf.py": "async def leaf(ctx): return 'leaf'",
    "app/controller/leads.py": """
from eggd import Controller

class Leads(Controller):
    async def leads(self, next):
        await next()
    def boom(self):
        raise ValueError("secret")
""",
    "app/middleware/steer.py": """
def steer(options, app):
    async def middleware(ctx, next):
        if ctx.get("x-path"):
            ctx.router_path = ctx.get("x-path")
        ctx.set("x-known", ctx.router_name or "none")
        ctx.set("x-router", ctx.router.base or "app")
        if ctx.get("x-mine"):
            ctx.router = app.router.namespace("/mine")
            ctx.set("x-router", ctx.router.base)
        await next()
    return middleware
""",
    "config/config_default.py": "middleware = ['steer']",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(Path(tmp_path_factory.mktemp("routing")), FILES) as running:
        yield running


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/app", "app"),
        ("/chain/x", '["chain2","/:b/x",{"a":"x","b":"chain"},["chain"]]'),
        ("/re/ab/c%20d", '{"0":"ab","1":"c d","tail":"c d"},["ab","c%20d"]]'),
        ("/p2", '["paths","/p2",{},[]]'),
        ("/raw/%ff/a%2fb", '{"0":"%ff/a%2fb"},["%ff/a%2fb"]]'),
        ("/api", '["api_root","/api",{},[]]'),
        ("/api/v1/o/item/7", '["deep","/api/v1/:org/item/:id",{"org":"o","id":"7"},["o","7"]]'),
        ("/admin", "admin first"),
        ("/d", "deep first"),
        ("/leaf", "leaf"),
        ("/helper", '["/api/v1/o/item/1","http://127.0.0.1:'),
        ("/matched/y", '["/matched/:x","/matched/y"]'),
    ],
)
def test_responses_by_path(client: Client, path: str, body: str) -> None:
    # core:RT-1, RT-7, RT-9, RT-13, RT-17, RT-18
    answer = client.get(path)
    assert (answer.status, body in answer.text) == (200, True), answer.text


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/chain/x", ["between", "back"]),
        ("/lone/1", ["after", "back"]),
        ("/chain/nothing/matches", None),
        ("/user/7", ["own"]),
        ("/api", ["api"]),
        ("/api/v1/o/item/7", ["api", "v1"]),
    ],
)
def test_layers_run_in_order_of_registration_and_only_around_a_route(
    client: Client, path: str, seen: list[str] | None
) -> None:
    """Later routes run when an earlier one calls next; `use` only runs with a route (core:RT-8)."""
    assert client.get(path).headers.get_all("x-seen") == seen


def test_a_parameters_function_runs_once_before_its_handlers(client: Client) -> None:
    # core:RT-16
    answer = client.get("/user/7")
    assert answer.headers.get_all("x-user") == ["7"]
    refused = client.get("/user/0")
    assert (refused.status, "no such user" in refused.text) == (404, True)


def test_a_middleware_may_set_router_path(client: Client) -> None:
    """A set router_path is matched instead of the request's (core:RT-9)."""
    answer = client.get("/p1", **{"x-path": "/user/9"})
    assert answer.text == '["user","/user/:user",{"user":"9"},["9"]]'
    assert answer.headers["x-known"] == "user"
    assert client.get("/p1", **{"x-path": "/none"}).status == 404
    assert client.get("/none", **{"x-path": "/p1"}).text == '["paths","/p1",{},[]]'
    assert client.get("/none").headers["x-known"] == "none"


@pytest.mark.parametrize(
    ("path", "mine", "base"),
    [
        ("/none", "", "app"),
        ("/p1", "", "app"),
        ("/api", "", "/api"),
        ("/api/v1/o/item/7", "", "/api/v1/:org"),
        ("/api", "1", "/mine"),
    ],
)
def test_the_router_of_a_request(client: Client, path: str, mine: str, base: str) -> None:
    """The one that matched, known from the first middleware on; assignable (core:CTX-3)."""
    assert client.get(path, **{"x-mine": mine}).headers["x-router"] == base


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/old/u/more", 301, "/user/u"),
        ("/away", 301, "https://example.com/a?b=c"),
        ("/nowhere", 500, None),
    ],
)
def test_redirects(client: Client, path: str, status: int, location: str | None) -> None:
    """To a path, an URL, or a route by name (core:RT-11)."""
    answer = client.ask("POST", path)
    assert (answer.status, answer.headers["location"]) == (status, location)


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/api/v1/o/posts", 200, "index"),
        ("GET", "/api/v1/o/posts/new", 200, "new"),
        ("GET", "/api/v1/o/posts/5", 200, "show 5"),
        ("PUT", "/api/v1/o/posts/5", 200, "update PUT"),
        ("PATCH", "/api/v1/o/posts/5", 200, "update PATCH"),
        ("DELETE", "/api/v1/o/posts/5", 204, ""),
        ("POST", "/api/v1/o/posts", 405, ""),
        ("GET", "/api/v1/o/posts/5/edit", 404, ""),
    ],
)
def test_resources(client: Client, method: str, path: str, status: int, body: str) -> None:
    """Only for the actions that the controller has (core:RT-14)."""
    answer = client.ask(method, path)
    assert (answer.status, body in answer.text) == (status, True)


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("DELETE", "/app", 405, "GET, HEAD, POST, OPTIONS"),
        ("OPTIONS", "/app", 200, "GET, HEAD, POST, OPTIONS"),
        ("OPTIONS", "/user/7", 200, "GET, HEAD, OPTIONS"),
        ("OPTIONS", "/own", 200, None),
        ("OPTIONS", "/none", 404, None),
        ("PUT", "/none", 404, None),
        ("PURGE", "/purge", 200, None),
        ("PROPFIND", "/app", 501, None),
        ("HEAD", "/app", 200, None),
    ],
)
def test_methods(client: Client, method: str, path: str, status: int, allow: str | None) -> None:
    # core:RT-1, RT-10
    answer = client.ask(method, path)
    assert (answer.status, answer.headers["allow"]) == (status, allow)


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "SEARCH"])
def test_an_unknown_method_is_not_logged(tmp_path: Path, method: str) -> None:
    """Nothing is logged, as for a 405; the app's own 501 is."""
    text = "def router(app): app.get('/own', lambda ctx: ctx.throw(501, 'own'))"
    with served(tmp_path, {"app/router.py": text}) as running:
        asked = ((method, "/"), (method, "/own"), ("GET", "/own"))
        assert [running.ask(*each).status for each in asked] == [501, 501, 501]
    text = (running.log_dir / "common-error.log").read_text()
    logged = ("HttpError: own", "Not Implemented", method)
    assert [text.count(each) for each in logged] == [1, 0, 0]


def test_answering_methods_can_be_disabled(tmp_path: Path) -> None:
    # core:RT-10
    files = {
        "app/router.py": "def router(app): app.router.get('/', lambda ctx: 'x')",
        "config/config_default.py": "router = {'answer_methods': False}",
    }
    with served(tmp_path, files) as running:
        assert [running.ask(method, "/").status for method in ("POST", "OPTIONS")] == [404, 404]


def test_an_action_may_take_next_and_its_error_is_a_page(client: Client) -> None:
    # core:CTL-4, CTL-10
    assert client.get("/leads").status == 200
    failed = client.get("/boom")
    assert (failed.status, "secret" in failed.text) == (500, False)


@pytest.mark.parametrize("late", ["did_load", "will_ready"])
def test_a_boot_hook_adds_routes(tmp_path: Path, late: str) -> None:
    # core:RT-20
    files = {
        "app.py": f"""
from eggd import Boot

class AppBoot(Boot):
    async def {late}(self):
        self.app.router.get("/late", lambda ctx: "late")
""",
    }
    with served(tmp_path, files) as running:
        assert running.get("/late").text == "late"


def test_later_registrations_change_compiled_chains(tmp_path: Path) -> None:
    """A chain is compiled for its first request, and dropped when it changes (core:RT-8, RT-20)."""
    files = {
        "app/router.py": """
def mark(text):
    async def middleware(ctx, next):
        ctx.append("x-seen", text)
        await next()
    return middleware

async def first(ctx, next):
    await next()

async def value(value, ctx, next):
    ctx.append("x-seen", f"param {value}")
    await next()

def grow(ctx):
    router = ctx.app.router
    router.use("/a", mark("layer"))
    router.get("/a/:id", lambda ctx: f"second {ctx.params['id']}")
    router.param("id", value)
    router.param("name", value)

def router(app):
    app.get("/a/:name", first)
    app.get("/grow", grow)
""",
    }
    with served(tmp_path, files) as running:
        before = [running.get("/a/x").status for _ in range(2)]
        running.get("/grow")
        after = [running.get(f"/a/{name}") for name in ("x", "y", "x")]
    assert before == [404, 404]
    assert [answer.text for answer in after] == ["second x", "second y", "second x"]
    seen = [answer.headers.get_all("x-seen") for answer in after]
    assert seen == [[f"param {name}", "layer", f"param {name}"] for name in ("x", "y", "x")]
