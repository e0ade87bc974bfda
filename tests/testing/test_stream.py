"""Responses that are read while they are generated, and WebSockets."""

from __future__ import annotations

import asyncio

import pytest
from tornado.httpclient import HTTPClientError

from eggd import WebSocketClosedError
from eggd.testing.client import AsyncClient, Client
from eggd.testing.stream import EventParser
from eggd.wire.events import Event, encode_event
from tests.http.fake import until

ONE = Event(data='{"n":1}', event="count", id="7", retry=2.0)
TWO = Event(data="two\nlines")


def test_pieces_come_as_they_are_made(client: Client) -> None:
    with client.stream("GET", "/stream") as stream:
        assert (stream.status, "content-length" in stream.headers) == (200, False)
        pieces = list(stream)
    assert len(pieces) > 1
    assert b"".join(pieces) == b"x" * 400_000


def test_events_are_read_and_left(client: Client) -> None:
    """The handler learns that its client has gone: else the end of this test tells of a leak."""
    with client.stream("GET", "/events") as stream:
        assert stream.headers["content-type"] == "text/event-stream"
        events = stream.events()
        assert [next(events), next(events)] == [ONE, TWO]


def test_a_server_waits_for_a_slow_client(client: Client) -> None:
    """The server waits at 64 KiB, as with any socket."""

    async def held() -> int:
        [connection] = client.running.shared.connections
        await until(lambda: connection.flow.unsent is not None)
        return connection.flow.unsent or 0

    with client.stream("GET", "/stream") as stream:
        next(iter(stream))
        assert 50_000 < client.running.run(held()) < 100_000


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_events_come_in_any_pieces(size: int) -> None:
    data = b":\n\n" + encode_event(ONE, str(ONE.data)) + encode_event(TWO, str(TWO.data))
    parser = EventParser()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert [event for piece in pieces for event in parser.feed(piece)] == [ONE, TWO]


def test_an_async_test_reads_a_stream(async_client: AsyncClient) -> None:
    async def main() -> int:
        async with async_client.stream("GET", "/stream") as stream:
            return sum([len(piece) async for piece in stream])

    assert asyncio.run(main()) == 400_000


def test_a_websocket_talks(client: Client) -> None:
    with client.websocket("chat") as socket:
        socket.send("hello")
        assert socket.receive() == "HELLO"
        socket.send(b"bytes")
        assert socket.receive() == b"BYTES"


def test_a_websocket_is_closed_by_the_app(client: Client) -> None:
    with client.websocket("/chat") as socket:
        socket.send("bye")
        with pytest.raises(WebSocketClosedError, match="4001"):
            socket.receive()
        assert socket.close_code == 4001


def test_a_websocket_may_be_refused(client: Client) -> None:
    origin = {"Origin": "http://elsewhere.example"}
    with pytest.raises(HTTPClientError) as info, client.websocket("/chat", headers=origin):
        pass
    assert info.value.code == 403
