"""The rows of `benchmarks/path` send the requests that they are named after."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace

from benchmarks.rows import LARGE, ROWS, WIDE, Row, write_wide

ROW = {row.name: row for row in ROWS}


def test_a_browser_sends_sixteen_fields() -> None:
    head = next(ROW["browser"].requests("wrk"))
    assert head.startswith(b"GET /hello HTTP/1.1\r\nHost: www.example.org\r\n")
    fields = head.removesuffix(b"\r\n\r\n").split(b"\r\n")[1:]
    assert len({field.partition(b":")[0].lower() for field in fields}) == 16


def test_a_row_without_its_own_head_takes_that_of_the_options() -> None:
    row = Row("hello", "GET", "/hello")
    assert b"Cookie:" not in next(row.requests("wrk"))
    assert b"Cookie:" in next(row.requests("browser"))


def test_a_body_follows_its_head() -> None:
    request = next(Row("echo", "POST", "/echo", body="{}").requests("wrk"))
    assert request.endswith(b"Content-Length: 2\r\n\r\n{}")


def test_the_first_request_precedes_all_others_of_its_app() -> None:
    assert [row.name for row in ROWS if row.first] == [ROWS[0].name] == ["first"]


def test_the_wide_row_is_the_last_of_ten_thousand_routes(tmp_path: Path) -> None:
    write_wide(tmp_path / "wide")
    module = runpy.run_path(str(tmp_path / "wide/app/router.py"))
    paths: list[str] = []
    routes = SimpleNamespace(get=lambda path, _handler: paths.append(path))
    module["router"](SimpleNamespace(router=routes))
    assert len(paths) == WIDE + 1
    assert paths[WIDE - 1] == f"/wide{WIDE - 1}/:a/:b/:c"
    assert ROW["wide"].path.startswith(f"/wide{WIDE - 1}/")
    assert len(module["LARGE"]) == LARGE


def test_traced_requests_differ_from_the_one_before() -> None:
    requests = ROW["traced"].requests("wrk")
    first, second, third = next(requests), next(requests), next(requests)
    assert first != second
    assert second != third
    assert ROW["browser"].traced is False
