"""Registration, the index, and reverse URLs (core:RT-1..4, RT-8, RT-11, RT-12)."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from eggd.app.routing.mistakes import conflicts, unsendable
from eggd.app.routing.resources import plural, singular
from eggd.app.routing.router import Router
from eggd.errors import RouteError


def handler(ctx: Any) -> None:
    """Does nothing."""


def other(ctx: Any) -> None:
    """Does nothing either."""


def router() -> Router:
    return Router({"home.index": handler}.__getitem__)


def matched(made: Router, method: str, path: str) -> str | None:
    found = made.index.match(method, path)
    return None if found is None else found[0].name


@pytest.mark.parametrize(
    ("paths", "request_path", "first"),
    [
        (["/a", "/:id"], "/a", "/a"),
        (["/:id", "/a"], "/a", "/:id"),
        (["/a/:b", "/:c/x"], "/a/x", "/a/:b"),
        (["/:c/x", "/a/:b"], "/a/x", "/:c/x"),
        (["/a/:b/c", "/a/(.*)"], "/a/1/d", "/a/(.*)"),
        (["/(.*)", "/a"], "/a", "/(.*)"),
        (["/a/b", "/a/:id"], "/a/b/", "/a/b"),
        (["/a"], "/b", None),
    ],
)
def test_of_all_that_match_the_first_registered_wins(
    paths: list[str], request_path: str, first: str | None
) -> None:
    made = router()
    for path in paths:
        made.get(f"route {path}", path, handler)
    assert matched(made, "GET", request_path) == (first and f"route {first}")


def test_the_trees_find_what_the_regular_expressions_match() -> None:
    pieces = ["a", ":x", ":y", "", "\\:x", ":z(b)", ":v-:w"]
    patterns = ["/" + "/".join(each) for n in (1, 2, 3) for each in product(pieces, repeat=n)]
    paths = [
        "/" + "/".join(each) for n in (1, 2, 3) for each in product(["", "a", "%41-b"], repeat=n)
    ]
    for start in range(0, len(patterns), 40):
        made = router()
        for pattern in patterns[start : start + 40]:
            made.get(pattern, handler)
        for path in [*paths, "/:x/a"]:
            matches = [(route, route.pattern.match(path)) for route in made.routes]
            expected = [(route, params) for route, params in matches if params is not None]
            assert made.index.match("GET", path) == next(iter(expected), None)
            assert made.index.matches("GET", path) == expected


def test_requests_of_a_literal_path_share_no_params() -> None:
    """A route with a parameter that was registered first wins, each time with a new dict."""
    made = router()
    made.get("/:name", handler)
    made.get("/list", handler)
    for _ in range(2):
        match = made.index.match("GET", "/list")
        assert match is not None
        assert match[0].pattern.path == "/:name"
        assert match[1] == {"name": "list"}
        match[1]["name"] = "changed"
    made.index.rebuild([])
    assert made.index.match("GET", "/list") is None


def test_ten_thousand_routes_are_found_without_a_scan() -> None:
    made = router()
    for number in range(10_000):
        made.get(f"r{number}", f"/r{number}/:id", handler)
    found = made.index.match("GET", "/r9999/x")
    assert found is not None
    assert (found[0].name, found[1]) == ("r9999", {"id": "x"})


@pytest.mark.parametrize(
    ("verb", "answers"),
    [
        ("get", {"GET", "HEAD"}),
        ("post", {"POST"}),
        ("delete", {"DELETE"}),
        ("options", {"OPTIONS"}),
        ("all", {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}),
    ],
)
def test_verbs(verb: str, answers: set[str]) -> None:
    made = router()
    getattr(made, verb)("name", "/", handler)
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    assert {method for method in methods if matched(made, method, "/")} == answers


def test_a_controllers_name_becomes_the_routes() -> None:
    # core:RT-3
    made = router().get("/", "home.index")
    assert matched(made, "GET", "/") == "home.index"


def test_several_paths_share_a_handler() -> None:
    made = router().get("both", ["/a", "/b"], handler)
    assert [matched(made, "GET", path) for path in ("/a", "/b")] == ["both", "both"]


@pytest.mark.parametrize(
    ("name", "params", "url"),
    [
        ("user", {"id": 7}, "/user/7"),
        ("user", {"id": 7, "q": "a b", "t": [1, 2]}, "/user/7?q=a%20b&t=1&t=2"),
        ("missing", {}, ""),
    ],
)
def test_url(name: str, params: dict[str, object], url: str) -> None:
    # core:RT-12
    assert router().get("user", "/user/:id", handler).url(name, params) == url


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (("/",), "a path and a handler are needed"),
        (("abc", print), "router.get: route path 'abc' must begin with a slash"),
        (("/", 3), "route '/': the handler must be callable, not 3"),
        (("/", None, handler), "get '/': middleware must be a function, not None"),
        ((3, handler), "a path must be text, not 3"),
    ],
)
def test_invalid_arguments_are_one_error(args: tuple[Any, ...], line: str) -> None:
    # core:RT-4
    with pytest.raises(RouteError, match=line):
        router().get(*args)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, HTTPStatus.SEE_OTHER])
def test_statuses_of_a_redirect(status: int) -> None:
    # core:RT-11
    assert router().redirect("/a", "/b", status).index.match("GET", "/a") is not None


@pytest.mark.parametrize(
    ("status", "said"),
    [
        *((each, f"{each} is not") for each in (-1, 0, 200, 204, 300, 304, 305, 306, 309, 404)),
        *((each, f"{each} is not") for each in (500, 600, 3020)),
        (HTTPStatus.OK, "200 is not"),
        *((each, f"status must be a number, not {each!r}") for each in ("302", None, True, 302.0)),
    ],
)
def test_another_status_of_a_redirect_is_rejected(status: Any, said: str) -> None:
    # core:RT-11
    with pytest.raises(RouteError, match=f"^redirect: {said}") as caught:
        router().redirect("/a", "/b", status)
    assert caught.value.hint == "use 301, 302, 303, 307 or 308"


def controllers(names: str) -> Router:
    known = dict.fromkeys(names.split(), handler)
    posts: Any = SimpleNamespace(**known)
    return Router({"posts": posts, "api.post": posts, "home.index": handler}.__getitem__)


def told(made: Router) -> list[str]:
    return [f"{route.methods[0]} {route.pattern.path} {route.name}" for route in made.routes]


ALL = "edit show new index create update destroy"


def test_resources_in_order_and_by_name() -> None:
    # core:RT-14, RT-15
    assert told(controllers(ALL).resources("posts", "/posts/", "posts")) == [
        "GET /posts posts",
        "GET /posts/new new_post",
        "POST /posts posts",
        "GET /posts/:id post",
        "GET /posts/:id/edit edit_post",
        "PATCH /posts/:id post",
        "DELETE /posts/:id destroy_post",
    ]


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (("api_post", "/p", "posts"), ["api_posts", "api_post"]),
        (("/p", "api.post"), ["api_posts", "api_post"]),
        (("people", "/p", "posts"), ["people", "person"]),
        (("/p", {"index": handler, "show": handler}), ["", ""]),
        (("/p", lambda ctx, next: None, "posts"), ["posts", "post"]),
    ],
)
def test_names_of_resources(args: tuple[Any, ...], named: list[str]) -> None:
    # core:RT-15
    made = controllers("index show").resources(*args)
    assert [route.name for route in made.routes] == named


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("post", "posts"),
        ("category", "categories"),
        ("boy", "boys"),
        ("address", "addresses"),
        ("box", "boxes"),
        ("branch", "branches"),
        ("house", "houses"),
        ("bus", "buses"),
        ("status", "statuses"),
        ("analysis", "analyses"),
        ("person", "people"),
        ("news", "news"),
    ],
)
def test_inflection(one: str, many: str) -> None:
    # core:RT-15
    assert (singular(many), plural(one)) == (one, many)
    assert (singular(one), plural(singular(many))) == (one, many)


def test_a_prefix_applies_to_earlier_and_later_routes() -> None:
    # core:RT-17
    made = router()
    made.get("/", handler)
    part = made.namespace("/part")
    part.get("/x", handler)
    part.prefix("/v1").get("/y", handler)
    made.prefix("/all").get("late", "/z", handler)
    paths = [route.pattern.path for route in made.routes]
    assert paths == ["/all", "/all/part/v1/x", "/all/part/v1/y", "/all/z"]
    assert matched(made, "GET", "/z") is None
    assert matched(made, "GET", "/all/z") == "late"


@pytest.mark.parametrize(
    ("earlier", "later", "line"),
    [
        (("get", "/user/:id"), ("get", "/user/new"), "GET,HEAD /user/new is never reached"),
        (("get", "/user/:id"), ("get", "/user/:name"), "GET,HEAD /user/:id matches before it"),
        (("all", "/(.*)"), ("post", "/a"), "POST /a is never reached"),
        (("get", "/a"), ("get", "/a/"), "/a/ is never reached"),
        (("get", "/user/new"), ("get", "/user/:id"), ""),
        (("get", "/a"), ("all", "/a"), ""),
        (("get", "/a"), ("post", "/a"), ""),
        (("get", "/:id(\\d+)"), ("get", "/:name"), ""),
        (("get", "/:id(\\d+)"), ("get", "/7"), "GET,HEAD /7 is never reached"),
    ],
)
def test_an_unreachable_route_is_a_warning(
    earlier: tuple[str, str], later: tuple[str, str], line: str
) -> None:
    made = router()
    for verb, path in (earlier, later):
        getattr(made, verb)(path, handler)
    found = conflicts(made.routes, made.index)
    assert len(found) == bool(line)
    assert line in "".join(found)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/\u00e9t\u00e9", "has no '\u00e9' (write '%C3%A9')"),
        ("/a b/:id", "GET,HEAD /a b/:id is never reached: the path of a request has no ' ' (write"),
        ("/a?b=1", "has no '?' (the query is in ctx.query, and no part of the path)"),
        ("/a#b", "has no '#' (the query is in ctx.query, and no part of the path)"),
        ("/a/:id?x=1", ""),
        ("/%C3%A9/:id?/a%20b", ""),
        ("/(\u00e9.*)", ""),
    ],
)
def test_a_path_that_no_request_has_is_a_warning(path: str, line: str) -> None:
    """A route is compared with the raw path (RFC 3986 section 3.3)."""
    found = unsendable(router().get(path, handler).routes)
    assert len(found) == bool(line)
    assert line in "".join(found)


def test_a_handler_that_passes_hides_nothing() -> None:
    # core:RT-8
    made = router().get("/a", lambda ctx, next: next()).get("/a", handler)
    assert conflicts(made.routes, made.index) == []


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda r: r.namespace("/"), "must be a path below /, not '/'"),
        (lambda r: r.namespace(re.compile("/x")), "must be a path below /"),
        (lambda r: r.namespace("/x", 3), "namespace '/x': middleware must be a function, not 3"),
        (
            lambda r: r.namespace("/x").get(re.compile("y"), handler),
            "'y': a regex cannot be below",
        ),
        (lambda r: r.use("/x"), "middleware is needed"),
        (lambda r: r.use("/x", r.namespace("/y")), "middleware is needed"),
        (lambda r: r.use("x", handler), "route path 'x' must begin with a slash"),
        (lambda r: r.param("id", None), "param 'id': middleware must be a function, not None"),
        (lambda r: r.resources("/x", {"list": handler}), "has no resource actions"),
        (lambda r: r.redirect("missing", "/"), "redirect: no route is called 'missing'"),
        (lambda r: r.register("GET", "/", handler), "methods must be a list, not 'GET'"),
        (lambda r: r.register(["GE T"], "/", handler), "'GE T' is not a method"),
        (lambda r: r.register([1], "/", handler), "1 is not a method"),
        (lambda r: r.register(["connect"], "/", handler), "'connect' is not served"),
        (lambda r: r.get("/", lambda a, b, c: None), "a handler takes ctx, or ctx and next"),
        (
            lambda r: r.get("/", lambda next: None),
            "<lambda> takes only next (declare it as def handler(ctx, next))",
        ),
        (lambda r: r.get(re.compile("x"), handler).prefix("/y"), "prefix '/y': 'x' is a regex"),
        (lambda r: r.get("re", re.compile("x"), handler).url("re"), "Can't get the url for regExp"),
    ],
)
def test_an_invalid_registration_is_one_error(call: Callable[[Router], object], line: str) -> None:
    # core:RT-4, RT-11, RT-12, RT-18
    with pytest.raises(RouteError, match=re.escape(line)):
        call(router())


@pytest.mark.parametrize("path", ["/", "/:page?"])
def test_the_root_has_a_url(path: str) -> None:
    """An empty path filled in is `/`, also below a query (core:RT-12)."""
    made = router().get("home", path, handler)
    assert (made.url("home"), made.url("home", {"q": 1})) == ("/", "/?q=1")


def test_the_first_of_a_list_is_filled_in_and_the_first_of_a_name_wins() -> None:
    # core:RT-12
    made = router().get("user", "/user/:id", handler).get("user", "/other/:id", handler)
    assert made.path_for("user", {"id": [1, 2], "q": 3}) == "/user/1?q=3"


@pytest.mark.parametrize(
    ("args", "name"),
    [
        (("/", "home.index"), "home.index"),
        (("/", lambda ctx, next: None, "home.index"), ""),
        (("/", handler), ""),
        (("named", "/", "home.index"), "named"),
        (("named", re.compile("^/$"), handler), "named"),
        (("named", [re.compile("^/$"), "/x"], handler), "named"),
    ],
)
def test_the_first_argument_is_a_name_or_a_path(args: tuple[Any, ...], name: str) -> None:
    # core:RT-2, RT-3
    assert matched(router().get(*args), "GET", "/") == name


@pytest.mark.parametrize("path", ["/Foo", "/foo/", "/foo"])
def test_case_matters_and_a_trailing_slash_does_not(path: str) -> None:
    """The grammar is in test_path.py (core:RT-5, RT-6)."""
    expected = None if path == "/Foo" else "foo"
    assert matched(router().get("foo", "/foo", handler), "GET", path) == expected


def test_a_redirect_to_an_unknown_route_is_a_warning() -> None:
    # core:RT-11
    made = router().redirect("/a", "home").redirect("/b", "missing").redirect("/c", "/anywhere")
    made.get("home", "/", handler)
    assert made.warnings() == ["redirect to 'missing': no route has that name"]


def test_a_name_of_another_path_is_a_warning() -> None:
    """One name for the methods of a path, or a list of them, is fine (core:RT-12, RT-15)."""
    made = router().get("a", "/a", handler).post("a", "/a", handler).get("p", ["/p", "/q"], handler)
    made.resources("posts", "/posts", {"index": handler, "create": handler, "show": handler})
    assert made.warnings() == []
    made.namespace("/in").get("a", "/b", handler)
    assert made.warnings() == [
        "route GET,HEAD /in/b (a) has no URL by its name: it is that of GET,HEAD /a (a)"
    ]


def test_a_function_without_its_parameter_is_a_warning() -> None:
    # core:RT-16
    made = router().get("/:user", handler).param("usr", handler).param("user", handler)
    assert made.warnings() == ["param 'usr': no route has such a parameter"]


async def deny(ctx: Any, next: Any) -> None:
    ctx.throw(401)


async def guest(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application that is never called."""


@pytest.mark.parametrize(
    ("before", "layer", "after", "warned"),
    [
        (["/x"], "/x", [], True),
        ([], "/x", [], True),
        (["/x"], "/x", ["/y"], True),
        (["/x"], "/x", ["/x/y"], False),
        (["/x"], "/x", ["/:any"], False),
        ([], "/", ["/x"], False),
    ],
)
def test_a_layer_that_no_later_route_is_below_is_a_warning(
    before: list[str], layer: str, after: list[str], warned: bool
) -> None:
    made = router()
    for path in before:
        made.get(path, lambda ctx: "x")
    made.use(layer, deny)
    for path in after:
        made.get(path, lambda ctx: "x")
    text = f"use {layer!r} never runs: no route at or below it is registered after it"
    assert made.warnings() == ([text] if warned else [])


def test_a_layer_that_does_not_guard_a_mount_is_a_warning() -> None:
    made = router()
    made.use("/t", deny)
    made.get("/t/x", lambda ctx: "x")
    made.mount("/t", guest)
    made.mount("/other", guest)
    made.namespace("/n", deny).mount("/m", guest)
    hint = "(give the middleware to app.use, or mount in a namespace)"
    assert made.warnings() == [f"use '/t' does not run for the mount '/t' {hint}"]


@pytest.mark.parametrize("handler", [lambda: 1, lambda *, x: 1])
def test_a_handler_without_arguments_is_rejected(handler: Any) -> None:
    with pytest.raises(RouteError, match="takes no argument"):
        router().get("/", handler)


class Jsonp:
    def jsonp(self, **options: object) -> None: ...


@pytest.mark.parametrize(
    ("middleware", "line"),
    [
        (Jsonp().jsonp, "Jsonp.jsonp cannot be called with ctx and next: too many positional"),
        (lambda ctx: None, "too many positional arguments (declare it as async def middleware("),
        (lambda ctx, next, other: None, "missing a required argument: 'other' (declare it"),
    ],
)
def test_a_middleware_of_a_route_takes_ctx_and_next(middleware: Any, line: str) -> None:
    """A function that makes one, such as `app.jsonp`, is called in the route."""
    with pytest.raises(RouteError) as error:
        router().get("/a", middleware, lambda ctx: "a")
    assert line in error.value.line
