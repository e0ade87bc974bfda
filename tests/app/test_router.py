"""Registration, the index, and reverse URLs (core:RT-1..4, RT-8, RT-11, RT-12)."""

from __future__ import annotations

from typing import Any

import pytest

from eggd.app.router import Router
from eggd.errors import RouteError


def handler(ctx: Any) -> None:
    """Do nothing."""


def other(ctx: Any) -> None:
    """Do nothing either."""


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
    """core:RT-3."""
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
        ("nobody", {}, ""),
    ],
)
def test_url(name: str, params: dict[str, object], url: str) -> None:
    """core:RT-12."""
    assert router().get("user", "/user/:id", handler).url(name, params) == url


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (("/",), "a path and a handler are needed"),
        (("/", 3), "route '/': the handler must be callable, not 3"),
        (("/", None, handler), "get '/': middleware must be a function, not None"),
        ((3, handler), "a path must be text, not 3"),
    ],
)
def test_bad_registrations_are_one_line(args: tuple[Any, ...], line: str) -> None:
    """core:RT-4."""
    with pytest.raises(RouteError, match=line):
        router().get(*args)
