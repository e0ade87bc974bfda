"""Input of a connection: heads, chunked bodies, pipelining and slow senders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from eggd.http import Exchange, head
from eggd.http.config import HttpConfig
from eggd.http.framing import ChunkedFraming
from eggd.http.headers import Headers
from tests.http.fake import Client
from tests.worst.rows import BODY, HEAD, READ, Row, Turn, one_turn

START = b"GET / HTTP/1.1\r\n"
HOST = b"Host: a\r\n"
SHORTEST = b"GET / HTTP/1.1\r\nHost:\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
LENGTH = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"

HEADS = {
    "no line end": START + b"a" * HEAD,
    "many lines that are nearly fields": START + b"a:" * (HEAD // 2 - 20) + b"\r\n\n",
    "lines without a value": START + b"a:\r\n" * (HEAD // 4 - 10) + HOST + b"\r\n",
    "the most fields": START + b"a:\r\n" * 99 + HOST + b"\r\n",
    "a hundred fields, bad at the end": START
    + HOST
    + (b"c" * 150 + b":\r\n") * 99
    + b"X:\x01\r\n\r\n",
    "names that begin like those of framing": START + b"Content-:\r\n" * 99 + HOST + b"\r\n",
    "blanks behind Host": START + b"Host:" + b" " * (HEAD - 60) + b"\x01\r\n\r\n",
    "a Host that ends badly": START + b"Host: " + b"a" * (HEAD - 60) + b"@\r\n\r\n",
    "many Hosts, absolute form": b"GET http://a/ HTTP/1.1\r\n" + HOST * 1700 + b"\r\n",
    "an authority without end": b"GET http://" + b"a" * (HEAD - 60) + b"#\r\n\r\n",
    "question marks": b"GET /" + b"?" * (HEAD - 60) + b" HTTP/1.1\n\r\n\r\n",
    "schemes": b"http://" * 2300 + b"\r\n\r\n",
    "empty list elements of a coding": START
    + HOST
    + b"Transfer-Encoding: "
    + b"," * (HEAD - 90)
    + b"chunked\r\n\r\n",
    "lines of empty codings": START + HOST + b"Transfer-Encoding:,\r\n" * 98 + b"\r\n",
    "empty lines before it": b"\r\n" * (HEAD // 2) + START + HOST + b"\r\n",
    "a later minor version": b"GET /" + b"a" * (HEAD - 60) + b" HTTP/1.9\r\n" + HOST + b"\r\n",
}


def both(data: bytes) -> None:
    head.match_usual(data)
    head.read_unusual(data, HEAD)


def cookies(read: Callable[[Headers], object]) -> object:
    lines = b"".join(b"Cookie: %b\r\n" % (b"a=b;" * 38) for _ in range(95))
    found = head.read_unusual(START + HOST + lines + b"\r\n", HEAD)
    assert found is not None
    return read(Headers(head.field_lines(found[0])))


def hello(exchange: Exchange) -> None:
    exchange.send(200, b"", b"")


def keep(exchange: Exchange) -> None:
    """Leaves the exchange open."""


def connection(
    *data: bytes, handle: Callable[[Exchange], None] = hello
) -> Callable[[], Iterator[Turn]]:
    """Returns the turns of a connection that receives `data`, and its later turns."""

    def turns() -> Iterator[Turn]:
        client = Client(handle, HttpConfig())
        for each in data:
            if not client.transport.reading_paused and not client.transport.closed:
                yield partial(client.connection.data_received, each)

    return turns


ROWS = [
    *(Row(name=f"head: {name}", turns=one_turn(both, data)) for name, data in HEADS.items()),
    Row(name="head: byte by byte", turns=connection(START, *[b"a"] * HEAD)),
    Row(
        name="head: byte by byte, short lines",
        turns=connection(START, *[b"a:\r\n"[n % 4 : n % 4 + 1] for n in range(HEAD)]),
    ),
    Row(
        name="cookies: many lines, one field", turns=one_turn(cookies, lambda it: it.get("cookie"))
    ),
    Row(name="cookies: many lines, all fields", turns=one_turn(cookies, Headers.joined)),
    Row(
        name="pipelining: the shortest requests",
        turns=connection(SHORTEST * (READ // len(SHORTEST))),
    ),
    Row(
        name="pipelining: behind a handler that waits",
        turns=connection(SHORTEST, *[SHORTEST * (READ // len(SHORTEST))] * 8, handle=keep),
    ),
    Row(
        name="chunked: a byte each",
        turns=connection(CHUNKED, b"1\r\nx\r\n" * (READ // 6), handle=keep),
    ),
    Row(
        name="chunked: byte by byte",
        turns=connection(
            CHUNKED, *[b"1\r\nx\r\n"[n % 6 : n % 6 + 1] for n in range(60_000)], handle=keep
        ),
    ),
    Row(
        name="chunked: zeros before the size",
        turns=connection(CHUNKED, b"000000000000001\r\nx\r\n" * (READ // 20), handle=keep),
    ),
    Row(
        name="chunked: extensions",
        turns=one_turn(ChunkedFraming().feed, (b"1" + b";a=b" * 250 + b"\r\nx\r\n") * 8),
    ),
    Row(
        name="chunked: an extension without end",
        turns=one_turn(ChunkedFraming().feed, b'1;a="' + b"\\" * READ),
    ),
    Row(
        name="chunked: half extensions",
        turns=one_turn(ChunkedFraming().feed, b"1" + b"; \t" * 330 + b"\r\n"),
    ),
    Row(
        name="chunked: trailers",
        turns=one_turn(ChunkedFraming().feed, b"0\r\n" + b"a:\r\n" * (READ // 4)),
    ),
    Row(
        name="body: byte by byte",
        turns=connection(LENGTH % BODY, *[b"x"] * 60_000, handle=keep),
        memory=2 * 1024 * 1024,
    ),
]
