"""Path patterns: what matches, what is captured, and the reverse (core:RT-5, RT-6, RT-7, RT-12)."""

from __future__ import annotations

import pytest

from eggd.app.routing.path import below, compile_path
from eggd.errors import RouteError


@pytest.mark.parametrize(
    ("pattern", "path", "params"),
    [
        ("/", "/", {}),
        ("/foo", "/foo", {}),
        ("/foo", "/foo/", {}),
        ("/foo/", "/foo", {}),
        ("/foo", "/Foo", None),
        ("/foo", "/foo\n", None),  # core:X-12: no newline before the end, and \d is ASCII
        ("/user/:id", "/user/7\n", {"id": "7\n"}),
        ("/y/:year(\\d+)", "/y/٣", None),
        ("/w/:word(\\w+)", "/w/é", None),
        ("/foo", "/foobar", None),
        ("/user/:id", "/user/7", {"id": "7"}),
        ("/user/:id", "/user/a%20b", {"id": "a b"}),
        ("/user/:id", "/user/%ff", {"id": "%ff"}),
        ("/user/:id", "/user/a/b", None),
        ("/user/:id", "/user/", None),
        ("/v:major.:minor", "/v1.2", {"major": "1", "minor": "2"}),
        ("/y/:year(\\d{4})", "/y/2026", {"year": "2026"}),
        ("/y/:year(\\d{4})", "/y/26", None),
        ("/a/:b?", "/a", {}),
        ("/a/:b?", "/a/x", {"b": "x"}),
        ("/files/:rest*", "/files", {}),
        ("/files/:rest*", "/files/a/b", {"rest": "a/b"}),
        ("/files/:rest+", "/files", None),
        ("/any/(.*)", "/any/x/y", {"0": "x/y"}),
        ("/a.b", "/axb", None),
        # core:RT-6: a lone star matches everything
        ("/files/*", "/files/a/b", {"0": "a/b"}),
        ("/files/*", "/files/", {"0": ""}),
        ("/files/*", "/files", None),
        ("/admin*", "/admin/a", {"0": "/a"}),
        ("*", "/", {"0": "/"}),
        ("/*/x/(.*)", "/1/x/2/x/3", {"0": "1/x/2", "1": "3"}),
        ("/c/a\\*b", "/c/a*b", {}),
        ("/c/a\\*b", "/c/axb", None),
        # a backslash makes the next character literal
        ("/c/foo\\:bar", "/c/foo:bar", {}),
        ("/c/\\(x\\)", "/c/(x)", {}),
        ("/c/\\:x/:id", "/c/:x/7", {"id": "7"}),
        # a slash or dot before an optional parameter is omitted with it
        ("/feed/:name.:format?", "/feed/news", {"name": "news"}),
        ("/feed/:name.:format?", "/feed/news.xml", {"name": "news", "format": "xml"}),
        ("/:name.:ext", "/a.tar.gz", {"name": "a.tar", "ext": "gz"}),
        ("/:name.:ext", "/a.b/c", None),
        ("/x/:a?/:b?", "/x/1", {"a": "1"}),
        # a repeated rule is repeated as a whole
        ("/a/:path(abc|xyz)*", "/a/abc/xyz", {"path": "abc/xyz"}),
        ("/a/:path(abc|xyz)*", "/a/xyzxyz", None),
        ("/a/:path(abc|xyz)+", "/a", None),
        ("/a/:path(.*)*/edit", "/a/1/2/edit", {"path": "1/2"}),
        # a parameter does not contain the text before it
        ("/archive/:y-:m-:d", "/archive/2026-11-28", {"y": "2026", "m": "11", "d": "28"}),
        ("/archive/:y-:m-:d", "/archive/a-b-c-d", {"y": "a-b", "m": "c", "d": "d"}),
    ],
)
def test_match(pattern: str, path: str, params: dict[str, str] | None) -> None:
    assert compile_path(pattern).match(path) == params


@pytest.mark.parametrize(
    ("pattern", "params", "path", "left"),
    [
        ("/user/:id", {"id": 7}, "/user/7", {}),
        ("/user/:id", {"id": "a/b c"}, "/user/a%2Fb%20c", {}),
        ("/user/:id", {"q": 1}, "/user/:id", {"q": 1}),
        ("/y/:year(\\d+)", {"year": 2026}, "/y/2026", {}),
        ("/a/:b?", {}, "/a", {}),
    ],
)
def test_reverse(
    pattern: str, params: dict[str, object], path: str, left: dict[str, object]
) -> None:
    assert compile_path(pattern).url(params) == (path, left)


@pytest.mark.parametrize(
    "pattern",
    [
        "foo",
        "",
        "/a/:b(()",
        "/a/:b([)",
        "/:a(.+)-:b(.+)-:c(.+)-:d(.+)-x",
        "/a/:b([^-]+)*-x",
        "/a/:b(a|/)+",
    ],
)
def test_an_invalid_pattern_is_an_error(pattern: str) -> None:
    with pytest.raises(RouteError):
        compile_path(pattern)


LONG = 65536
"""Bytes of the longest path, by the limit of a head."""


@pytest.mark.parametrize("piece", ["-", "a", "/", "a-", "/a", "./", ".", "1", "1-", "%2f", "abc/"])
@pytest.mark.parametrize(
    "pattern",
    [
        *("/user/:id", "/archive/:year-:month-:day", "/:a-:b-:c-:d-:e", "/:name.:ext"),
        *("/feed/:name.:format?", "/a/:path(abc|xyz)*", "/v:x(\\d+)+", "/:p(.*)*/edit", "/*/x/*"),
        *("/*-*-x", "/:a(.+)-:b(.+)-x", "/a/:x*/b/:y*", "/:a:b", "/:a-:b([\\w-]+)", "/u/:n*.json"),
        *("/:a*/x/:b*/y/:c*", "/x/:y?/:z?", "*", "/:a/:b(\\d+)/*"),
        "/:a([a-z-]*)-:b([a-z-]*)-:c([a-z-]*)/end",
    ],
)
def test_matching_takes_time_in_proportion_to_the_path(pattern: str, piece: str) -> None:
    """By backtracking each of these took seconds to years; the whole table takes two seconds
    now."""
    compiled = compile_path(pattern)
    start = pattern[: pattern.find(":")] if ":" in pattern else "/"
    for end in ("", "!", "x/!", "\n"):
        path = (start + piece * LONG)[:LONG] + end
        compiled.find(path)
        below(compiled).find(path)


@pytest.mark.parametrize(
    ("pattern", "longest"),
    [
        ("/user/:id", None),
        ("/:year(\\d+)-:month(\\d+)-:day(\\d+)", None),
        ("/files/*/versions/*", None),
        ("/:path(.+).json", None),
        ("/*-*-x", 2000),
        ("/:a(.+)-:b(.+)-x", 2000),
        ("/:a-:b(.+)-:c(.+)-x", 200),
        ("/q/:a([a-z-]*)-:b([a-z-]*)-:c([a-z-]*)/end", 200),
        ("/q/:a([a-z-]*)-:b([a-z-]*)/end", 2000),
        ("/q/:a([a-z]*)-:b([a-z]*)-:c([a-z]*)/end", None),
    ],
)
def test_paths_with_several_open_parameters_are_tried_up_to_a_length(
    pattern: str, longest: int | None
) -> None:
    assert compile_path(pattern).longest == longest
