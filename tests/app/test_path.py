"""Path patterns: what matches, what is captured, and the reverse (core:RT-5, RT-6, RT-7, RT-12)."""

from __future__ import annotations

import pytest

from eggd.app.path import compile_path
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


@pytest.mark.parametrize("pattern", ["foo", "", "/a/:b(()", "/a/:b([)"])
def test_no_pattern(pattern: str) -> None:
    with pytest.raises(RouteError):
        compile_path(pattern)
