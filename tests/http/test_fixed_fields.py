"""Header fields that every answer of a server carries (`FixedFields`)."""

from __future__ import annotations

import asyncio
import socket

import pytest

from eggd.errors import EggError
from eggd.http import Exchange, FixedFields, HttpConfig, HttpServer
from tests.http.serving import GET

FIXED = FixedFields({"X-Frame-Options": "DENY", "X-Two": "2"})


def test_an_object_never_changes() -> None:
    other = FIXED.but({"x-frame-options": "SAMEORIGIN", "X-Two": None, "X-Three": "3"})
    assert other.lines == b"x-frame-options: SAMEORIGIN\r\nX-Three: 3\r\n"
    assert FIXED.lines == b"X-Frame-Options: DENY\r\nX-Two: 2\r\n"
    assert FIXED.besides({"x-two"}) == b"X-Frame-Options: DENY\r\n"
    assert dict(FIXED) == {"X-Frame-Options": "DENY", "X-Two": "2"}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("X Frame", "a", "not a valid name"),
        ("", "a", "not a valid name"),
        ("X-A", "a\r\nX-B: b", "not a valid value"),
        ("X-A", "\0", "not a valid value"),
        ("X-A", 1, "not a valid value"),
        ("Content-Length", "1", "differs from response to response"),
        ("content-type", "a/b", "differs from response to response"),
    ],
)
def test_a_field_that_would_break_answers_is_an_error(name: str, value: str, text: str) -> None:
    with pytest.raises(EggError, match=text):
        FixedFields({name: value})


def own(exchange: Exchange) -> None:
    """Answers; without X-Two at one path."""
    if exchange.path == b"/own":
        exchange.fix(exchange.fixed.but({"X-Two": None}))
    if exchange.path == b"/fail":
        raise LookupError("no such egg")
    exchange.send(304 if exchange.path == b"/304" else 200, b"", b"")


@pytest.mark.parametrize(
    ("request_", "status", "has_two"),
    [
        (GET, b"200", True),
        (GET.replace(b"GET / ", b"HEAD / "), b"200", True),
        (GET.replace(b"GET / ", b"GET /304 "), b"304", True),
        (GET.replace(b"GET / ", b"GET /fail "), b"500", True),
        (GET.replace(b"GET / ", b"GET /own "), b"200", False),
        (GET.replace(b"GET / ", b"GET / / "), b"400", True),
        (b"GET / HTTP/1.1\r\n\r\n", b"400", True),
        (GET.replace(b"GET / ", b"NONSENSE / "), b"501", True),
        (GET.replace(b"GET / ", b"GET /" + b"a" * 70_000 + b" "), b"4", True),
    ],
)
async def test_every_answer_has_them(request_: bytes, status: bytes, has_two: bool) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    server = HttpServer(own, HttpConfig(), lambda *line: None)
    server.fix_fields(FIXED)
    port = listener.getsockname()[1]
    await server.start(listener, None)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request_)
        writer.write_eof()
        data = await reader.read()
    finally:
        writer.close()
        await server.drain(0)
    assert data.startswith(b"HTTP/1.1 " + status)
    assert data.count(b"\r\nX-Frame-Options: DENY\r\n") == 1
    assert data.count(b"\r\nX-Two: 2\r\n") == has_two
