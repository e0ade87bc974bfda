"""Hostile errors and requests: nothing that they write becomes a tag, a field or a log entry."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.app.serving import Client
from tests.plugins.onerror.page import parsed
from tests.plugins.onerror.site import HTML, app_log, errors, site

JSON = "application/json"
EVIL = "--></title></style><script>alert(1)</script><img src=x onerror=alert(2)>'\"&lt;"
FILES = {
    "app/router.py": """
        import time

        EVIL = "--></title></style><script>alert(1)</script><img src=x onerror=alert(2)>'\\"&lt;"

        class Unreadable(Exception):
            def __str__(self):
                raise RuntimeError(EVIL)

        class NotText(Exception):
            def __str__(self):
                return 7

        class Endless(Exception):
            def __str__(self):
                while True: pass

        class Exits(Exception):
            def __str__(self):
                raise SystemExit

        class Interrupts(Exception):
            def __str__(self):
                raise KeyboardInterrupt

        class Itself(Exception):
            def __str__(self):
                return str(self)

        class Attributes(Exception):
            __notes__ = 7

            @property
            def hint(self):
                raise RuntimeError(EVIL)

            @property
            def __dict__(self):
                raise RuntimeError(EVIL)

        class Slow:
            def __repr__(self):
                time.sleep(max(0, END - time.monotonic()))
                return "slow"

        END = 0

        class Deep:
            def __repr__(self):
                return repr(self)

        def name(ctx):
            raise type(EVIL, (Exception,), {"__module__": EVIL})(EVIL)

        def message(ctx):
            exc = ValueError(EVIL + "\\r\\nX-Evil: 1\\x00\\x1b[31m\\u202e\\ud800")
            exc.add_note(EVIL)
            exc.attribute = EVIL
            raise exc

        def file(ctx):
            code = compile("raise ValueError('x')", EVIL, "exec")
            exec(code, {"__name__": EVIL})

        def function(ctx):
            def inner():
                raise ValueError("x")
            inner.__code__ = inner.__code__.replace(co_name=EVIL, co_qualname=EVIL)
            inner()

        def variables(ctx):
            evil, fields, deep = EVIL, {EVIL: EVIL}, Deep()
            locals_of = type(EVIL, (), {})()
            raise ValueError("x")

        def logged(ctx):
            ctx.logger.info(EVIL)
            ctx.logger.info("two\\nlines %s", EVIL)
            raise ValueError("x")

        def request(ctx):
            raise ValueError(ctx.path + ctx.querystring + ctx.get("x-evil"))

        def slow(ctx):
            global END
            END = time.monotonic() + 4
            values = [Slow()]
            raise ValueError("original")

        def flood(ctx):
            for number in range(3000):
                ctx.logger.info("line %s", number)
            raise ValueError("x" * 10_000_000)

        def chained(ctx):
            exc = ValueError("first")
            for number in range(500):
                outer = ValueError(number)
                outer.__context__ = exc
                exc = outer
            raise exc

        def nested(ctx):
            exc = ValueError("leaf")
            for number in range(300):
                exc = ExceptionGroup(f"group {number}", [exc, exc])
            raise exc

        def kind(cls):
            def handler(ctx):
                raise cls("x")
            return handler

        def router(app):
            for handler in (name, message, file, function, variables, logged, slow, flood,
                            chained, nested):
                app.get(f"/{handler.__name__}", handler)
            app.get("/request/:id", request)
            for cls in (
                Unreadable, NotText, Attributes, Endless, Exits, Interrupts, Itself,
            ):
                app.get(f"/{cls.__name__}", kind(cls))
        """,
}
PATHS = (
    *("name", "message", "file", "function", "variables", "logged"),
    *("Unreadable", "NotText", "Attributes", "chained", "nested"),
    *("Endless", "Exits", "Interrupts", "Itself"),
    f"request/{quote(EVIL, safe='')}?q={quote(EVIL)}&{quote(EVIL)}=1",
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with site(tmp_path_factory.mktemp("evil"), env="local", files=FILES) as client:
        yield client


@pytest.mark.parametrize("path", PATHS)
def test_the_page_has_its_own_tags_alone(client: Client, path: str) -> None:
    """Names, messages, files, functions, variables, log lines, URL and fields (known:KW-70)."""
    answer = client.get(f"/{path}", Accept=HTML, **{"X-Evil": EVIL, "Cookie": f"{EVIL}=1"})
    assert answer.status == 500
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    page = parsed(answer.text)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]", answer.text)
    assert "x" in page.text


@pytest.mark.parametrize("path", PATHS)
def test_text_drives_no_terminal(client: Client, path: str) -> None:
    answer = client.get(f"/{path}", Accept="*/*", **{"X-Evil": EVIL})
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", answer.text)


@pytest.mark.parametrize("path", PATHS)
def test_json_is_json(client: Client, path: str) -> None:
    answer = client.get(f"/{path}", Accept=JSON, **{"X-Evil": EVIL})
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(answer.text)["status"] == 500


@pytest.mark.parametrize("env", ["prod", "unittest"])
def test_a_message_that_cannot_be_read_is_answered_and_logged(tmp_path: Path, env: str) -> None:
    """`__str__` raises any exception, or never returns; the worker serves the next request."""
    names = ("Unreadable", "NotText", "Endless", "Exits", "Interrupts", "Itself")
    with site(tmp_path, env=env, files=FILES) as client:
        for name in names:
            for accept in (HTML, JSON, "*/*"):
                assert client.get(f"/{name}", Accept=accept).status == 500
        log = errors(client)
    assert log.count("no_message") == 3 * len(names)


@pytest.mark.parametrize("accept", [HTML, JSON, "*/*"])
@pytest.mark.parametrize("path", ["message", "request/%0d%0aX-Evil:1", "name"])
def test_a_message_is_not_in_the_head(client: Client, path: str, accept: str) -> None:
    """The reason phrase is the standard's (known:KW-70)."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as raw:
        lines = f"GET /{path} HTTP/1.1\r\nHost: a\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
        raw.sendall(lines.encode())
        answer = b""
        while piece := raw.recv(65536):
            answer += piece
    head = answer.partition(b"\r\n\r\n")[0]
    assert head.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert b"Evil" not in head


@pytest.mark.parametrize("accept", [HTML, JSON, "*/*"])
def test_an_object_that_never_answers_delays_the_report_alone(client: Client, accept: str) -> None:
    """Its repr cannot be interrupted: the report comes without variables."""
    began = time.monotonic()
    answer = client.get("/slow", Accept=accept)
    assert time.monotonic() - began < 4
    assert answer.status == 500
    assert "original" in answer.text
    assert "an object took too long" in answer.text


@pytest.mark.parametrize("accept", [HTML, JSON, "*/*"])
@pytest.mark.parametrize("path", ["/flood", "/chained", "/nested"])
def test_a_report_has_a_size(client: Client, path: str, accept: str) -> None:
    answer = client.get(path, Accept=accept)
    assert answer.status == 500
    assert len(answer.body) < 1_000_000
    if path == "/flood":
        assert "line 0" in answer.text
        assert "line 2999" in answer.text
        assert "line 1500" not in answer.text


INJECTED = "/injected"


def test_a_field_with_a_line_break_is_one_plain_500(tmp_path: Path) -> None:
    """No second field is sent; both errors are logged (known:KW-70, KW-71)."""
    with site(tmp_path) as client:
        answer = client.get(INJECTED, Accept=HTML)
        assert answer.text == "<h2>Internal Server Error, real status: 500</h2>"
        assert "X-Evil" not in answer.headers
        assert "invalid value of header X-Message" in errors(client)
        assert "400 HttpError: a X-Evil: 1 (" in app_log(client)
