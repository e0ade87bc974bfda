"""`config.on_client_error`: custom responses to malformed requests, over real sockets."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.app.serving import LOOPS, Loop, served
from tests.http.fake import Answer, read_answers

BAD = b"GET / HTTP/1.1\r\nHost : a\r\n\r\n"
PAGE = "<h1>400 Bad Request</h1>"
ROUTER = "def router(app):\n    pass\n"


def config(*lines: str, kind: str = "async def") -> dict[str, str]:
    body = "".join(f"    {line}\n" for line in lines)
    text = f"{kind} on_client_error(error, peer, app):\n{body}"
    return {"config/config_default.py": text, "app/router.py": ROUTER}


def asked(root: Path, files: dict[str, str], loop: Loop, data: bytes = BAD) -> tuple[Answer, str]:
    """Returns the answer to a malformed request, and the lines logged for it."""
    with served(root, files, loop) as client:
        with socket.create_connection(("127.0.0.1", client.port), 10) as plain:
            plain.sendall(data)
            answer = b"".join(iter(lambda: plain.recv(65536), b""))
        log_dir = client.log_dir
    [one] = read_answers(answer)
    assert one.headers["connection"] == "close"
    assert int(one.headers["content-length"]) == len(one.body)
    return one, (log_dir / "common-error.log").read_text()


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_the_function_sets_status_fields_and_body(tmp_path: Path, loop: Loop, kind: str) -> None:
    """Content-Length is set by eggd; a value cannot add a field (core:APP-9, process:CL-94)."""
    files = config(
        "said = f'{error.status} {error.message} {peer[0]} {app.name}'",
        "fields = {'Content-Length': '1', 'X-Said': 'a\\r\\nX-Other: b', 'X-Two': ['c', 'd']}",
        "return {'status': 418, 'headers': fields, 'body': said}",
        kind=kind,
    )
    answer, log = asked(tmp_path, files, loop)
    assert (answer.status, answer.headers["x-said"]) == (418, "aX-Other: b")
    assert "x-other" not in answer.headers
    assert answer.body.decode() == "400 bad header line b'Host : a' 127.0.0.1 " + tmp_path.name
    assert log == ""


LEFT_OUT = [
    ("return None", 400, PAGE),
    ("return {}", 400, PAGE),
    ("return {'status': 422}", 422, PAGE),
    ("return {'body': b'only'}", 400, "only"),
]


@pytest.mark.parametrize(("line", "status", "body"), LEFT_OUT)
def test_missing_keys_are_taken_from_the_error_page(
    tmp_path: Path, line: str, status: int, body: str
) -> None:
    # core:APP-8, APP-9, process:CL-94
    answer, log = asked(tmp_path, config(line), LOOPS[0])
    assert (answer.status, log) == (status, "")
    assert body in answer.body.decode()


FAILING = [
    ("raise LookupError('a bug')", "LookupError: a bug"),
    ("return 'text'", "on_client_error returned 'text'"),
    ("return {'statsu': 400}", "on_client_error returned {'statsu': 400}"),
    ("return {'status': 99}", "99 is not a final HTTP status"),
    ("return {'headers': {'a b': 'c'}}", "on_client_error returned an invalid header name 'a b'"),
    ("return {'headers': {'a': '\\0'}}", "a control character in header a: "),
    ("return {'headers': {'a': '\\u20ac'}}", "UnicodeEncodeError"),
    ("return {'body': 5.0}", "TypeError"),
]


@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize(("line", "logged"), FAILING)
def test_a_failure_is_logged_and_the_error_page_is_sent(
    tmp_path: Path, line: str, logged: str, kind: str
) -> None:
    # core:APP-9, process:CL-94
    answer, log = asked(tmp_path, config(line, kind=kind), LOOPS[0])
    assert (answer.status, PAGE in answer.body.decode()) == (400, True)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert logged in log


def test_a_function_that_never_returns_ends_with_the_connection(tmp_path: Path) -> None:
    files = config("import asyncio", "await asyncio.Event().wait()")
    files["config/config_default.py"] += 'http = {"keep_alive_timeout": "50ms"}\n'
    with (
        served(tmp_path, files) as client,
        socket.create_connection(("127.0.0.1", client.port), 10) as plain,
    ):
        plain.sendall(BAD + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert plain.recv(100) == b""
