"""The strict parser h11 accepts eggd's answers: one connection, pipelined."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import h11
import pytest

from tests.app.serving import Client
from tests.peers.app import CHUNKS, NUMBERS

Ask = tuple[str, str, dict[str, str], bytes]

TABLE: list[tuple[Ask, int, str | None, bytes]] = [
    # request, status, how the content is framed (None: there is none), the content
    (("GET", "/hello", {}, b""), 200, "content-length", b"hello"),
    (("HEAD", "/hello", {}, b""), 200, "content-length", b""),
    (("GET", "/nothing", {}, b""), 204, None, b""),
    (("GET", "/chunks", {}, b""), 200, "transfer-encoding", CHUNKS.encode()),
    (("HEAD", "/chunks", {}, b""), 200, "transfer-encoding", b""),
    (("GET", "/file", {"Range": "bytes=5-8"}, b""), 206, "content-length", NUMBERS[5:9].encode()),
    (("HEAD", "/file", {}, b""), 200, "content-length", b""),
    (("GET", "/file", {"If-None-Match": "*"}, b""), 304, None, b""),
    (("POST", "/echo", {"Content-Type": "text/plain"}, b"x" * 70_000), 200, "content-length", b""),
    (("POST", "/echo", {"Transfer-Encoding": "chunked"}, b"a=1"), 200, "content-length", b""),
    (("DELETE", "/hello", {}, b""), 405, "content-length", b""),
    (("OPTIONS", "/hello", {}, b""), 200, "content-length", b""),
    (("GET", "/missing", {}, b""), 404, "content-length", b"<h1>404 Not Found</h1>"),
]


@dataclass
class Read:
    """One answer as h11 read it."""

    status: int
    fields: dict[str, str]
    content: bytes


def written(connection: h11.Connection, ask: Ask) -> bytes:
    method, target, fields, body = ask
    given = {"Host": "a", **fields}
    if body and "Transfer-Encoding" not in fields:
        given["Content-Length"] = str(len(body))
    head = h11.Request(method=method, target=target, headers=list(given.items()))
    events: list[Any] = [head, *([h11.Data(data=body)] if body else []), h11.EndOfMessage()]
    return b"".join(connection.send(event) or b"" for event in events)


def answer(connection: h11.Connection, plain: socket.socket) -> Read:
    """Returns the next answer; h11 raises RemoteProtocolError for a bad one."""
    read = Read(0, {}, b"")
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(plain.recv(65536))
        elif isinstance(event, h11.Response):
            fields = {name.decode(): value.decode() for name, value in event.headers}
            read = Read(event.status_code, fields, b"")
        elif isinstance(event, h11.Data):
            read.content += event.data
        elif isinstance(event, h11.EndOfMessage):
            return read
        else:
            raise AssertionError(f"unexpected {event!r}")


@contextmanager
def connected(client: Client) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", client.port), 60) as plain:
        yield plain


def check(read: Read, row: tuple[Ask, int, str | None, bytes]) -> None:
    (_, _, _, body), status, framing, content = row
    assert read.status == status
    assert {"content-length", "transfer-encoding"} & {*read.fields} == ({framing} - {None})
    if content or not body:
        assert read.content == content or status == 405
    assert read.fields["connection"] == "keep-alive"


def test_one_connection_for_everything(client: Client) -> None:
    connection = h11.Connection(h11.CLIENT)
    with connected(client) as plain:
        for row in TABLE:
            plain.sendall(written(connection, row[0]))
            check(answer(connection, plain), row)
            connection.start_next_cycle()


def test_everything_at_once(client: Client) -> None:
    """Pipelined: each answer is read by a connection that takes over what is left of the last."""
    connections = [h11.Connection(h11.CLIENT) for _ in TABLE]
    asked = [written(each, row[0]) for each, row in zip(connections, TABLE, strict=True)]
    with connected(client) as plain:
        plain.sendall(b"".join(asked))
        left = b""
        for connection, row in zip(connections, TABLE, strict=True):
            connection.receive_data(left) if left else None
            check(answer(connection, plain), row)
            left = connection.trailing_data[0]
        assert left == b""


@pytest.mark.parametrize(
    ("first", "statuses"),
    [
        (b"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", [200]),
        (b"GET /hello HTTP/1.0\r\n\r\n", [200]),
        (b"GET /hello HTTP/1.1\r\n\r\n", [400]),
        (b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET  / HTTP/1.1\r\nHost: a\r\n\r\n", [200, 400]),
    ],
)
def test_nothing_comes_behind_the_last(client: Client, first: bytes, statuses: list[int]) -> None:
    """An error in the middle of a pipeline ends it: what is behind is not served."""
    with connected(client) as plain:
        plain.sendall(first + b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n" * 3)
        left = b""
        for number, status in enumerate(statuses, 1):
            connection = h11.Connection(h11.CLIENT)
            written(connection, ("GET", "/", {}, b""))
            connection.receive_data(left) if left else None
            read = answer(connection, plain)
            last = number == len(statuses)
            assert (read.status, read.fields["connection"] == "close") == (status, last)
            left = connection.trailing_data[0]
        assert left + plain.recv(1) == b""
