"""WebSocket pings on real sockets: a client that does not answer is disconnected."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from eggd.errors import WebSocketClosedError
from eggd.http import Exchange, HttpConfig
from eggd.http.guests.guest import GuestRequest, Reply
from eggd.http.websocket import WebSocket, handshake
from tests.http.serving import UPGRADE, Talk, served

PING, PONG = b"\x89\x00", b"\x8a\x80\0\0\0\0"
HELLO = bytes.fromhex("818537fa213d7f9f4d5158")  # RFC 6455 section 5.7
QUICK = HttpConfig(websocket_ping_interval=0.02, websocket_ping_timeout=0.8)


@asynccontextmanager
async def upgraded(config: HttpConfig) -> AsyncIterator[tuple[Talk, WebSocket]]:
    """A client after its upgrade, and the WebSocket of the handler."""
    sockets: list[WebSocket] = []

    def handle(exchange: Exchange) -> None:
        request = GuestRequest(
            exchange=exchange, prefix="", path=b"/", scheme="http", client=exchange.peer
        )
        reply = Reply(request)
        sockets.append(WebSocket(reply.switch(handshake(exchange)), 1 << 20, config))

    async with served(handle) as it:
        talk = await it.connect()
        talk.writer.write(UPGRADE)
        await talk.reader.readuntil(b"\r\n\r\n")
        yield talk, sockets[0]
        await sockets[0].close()


async def test_a_client_that_answers_is_pinged_again() -> None:
    async with upgraded(QUICK) as (talk, socket):
        for _ in range(3):
            assert await talk.reader.readexactly(2) == PING
            talk.writer.write(PONG)
        assert not socket.closed
        talk.writer.transport.abort()


async def test_any_bytes_count_as_an_answer() -> None:
    async with upgraded(QUICK) as (talk, socket):
        for _ in range(3):
            assert await talk.reader.readexactly(2) == PING
            talk.writer.write(HELLO)
        assert [await socket.receive() for _ in range(3)] == ["Hello"] * 3
        talk.writer.transport.abort()


async def test_a_client_that_does_not_answer_is_disconnected() -> None:
    config = HttpConfig(websocket_ping_interval=0.02, websocket_ping_timeout=0.02)
    async with upgraded(config) as (talk, socket):
        with pytest.raises(WebSocketClosedError, match="was closed: 1006"):
            await socket.receive()
        assert (socket.close_code, socket.close_reason) == (1006, "no answer to a ping")
        with pytest.raises(WebSocketClosedError):
            await socket.send("to no client")
        assert await talk.rest() == PING


async def test_a_client_that_is_not_read_is_not_disconnected() -> None:
    """While the handler receives nothing, reading is paused and no answer can arrive."""
    async with upgraded(QUICK) as (talk, socket):
        talk.writer.write(HELLO * 20000)
        for _ in range(3):
            assert await talk.reader.readexactly(2) == PING
        assert [await socket.receive() for _ in range(100)] == ["Hello"] * 100
        talk.writer.transport.abort()


async def test_interval_0_disables_pings() -> None:
    async with upgraded(HttpConfig(websocket_ping_interval=0)) as (talk, socket):
        await socket.send("first")
        closing = asyncio.ensure_future(socket.close())
        assert await talk.reader.readexactly(11) == b"\x81\x05first\x88\x02\x03\xe8"
        talk.writer.transport.abort()
        await closing
