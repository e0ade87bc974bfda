"""A client that closes its sending side (FIN) or resets: the exchange is notified in every state of
the server, a later answer is still sent, and the descriptor is closed."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from eggd.http import Exchange, HttpConfig
from eggd.http.sweep import Phase, phase_of
from tests.http.certificates import Pair
from tests.http.fake import Client, turn, until
from tests.http.serving import GET, Served, Talk, served
from tests.http.test_exchange import Keeper
from tests.http.test_sweep import Time

UNREAD = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + bytes(150_000)
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
SENT = {
    "a request": GET,
    "pipelined requests that pause reading": GET * 6000,
    "a body that is not read and pauses reading": UNREAD,
    "the beginning of a body": UNREAD[:200],
    "the beginning of a chunked body": CHUNKED + b"ff\r\n",
    "a body that waits for 100 Continue": UNREAD[:55] + b"Expect: 100-continue\r\n\r\n",
}


class Open:
    """A handler that keeps its exchanges open and records their callbacks."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.aborted = asyncio.Event()
        self.lost = asyncio.Event()

    def __call__(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        exchange.on_abort(self.aborted.set)
        exchange.on_lost(self.lost.set)


@asynccontextmanager
async def open_request(
    data: bytes, config: HttpConfig | None = None, tls: Pair | None = None
) -> AsyncIterator[tuple[Served, Open, Talk]]:
    """Sends a request that stays open, and the bytes after it."""
    handle = Open()
    async with served(handle, config, tls) as it:
        talk = await it.connect()
        talk.writer.write(data)
        await until(lambda: handle.exchanges)
        await talk.writer.drain()
        assert not handle.aborted.is_set()
        yield it, handle, talk


@pytest.mark.parametrize("data", SENT.values(), ids=SENT)
async def test_a_fin_is_reported_while_the_handler_writes_nothing(data: bytes) -> None:
    async with open_request(data) as (_, handle, talk):
        talk.writer.write_eof()
        await handle.aborted.wait()
        assert handle.exchanges[0].aborted
        assert not handle.lost.is_set()


@pytest.mark.parametrize("data", [SENT["a request"], UNREAD], ids=["a request", "unread body"])
async def test_a_close_on_tls_is_reported(data: bytes, pair: Pair) -> None:
    """TLS has no half-closed state in Python: the connection is lost at once."""
    async with open_request(data, tls=pair) as (it, handle, talk):
        talk.writer.transport.abort()
        await handle.aborted.wait()
        await handle.lost.wait()
        await until(lambda: not it.server.stats.connections)


async def test_a_half_closed_client_gets_a_later_answer() -> None:
    async with open_request(GET) as (_, handle, talk):
        talk.writer.write_eof()
        await handle.aborted.wait()
        handle.exchanges[0].send(200, b"", b"late")
        assert (await talk.rest()).endswith(b"Connection: close\r\nContent-Length: 4\r\n\r\nlate")


async def test_a_half_closed_client_gets_the_rest_of_a_stream() -> None:
    async with open_request(GET) as (_, handle, talk):
        exchange = handle.exchanges[0]
        exchange.start(200, b"")
        await exchange.write(b"one")
        talk.writer.write_eof()
        await handle.aborted.wait()
        await exchange.write(b"two")
        exchange.finish()
        assert (await talk.rest()).endswith(b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


async def test_requests_served_after_a_fin_are_aborted_from_the_start() -> None:
    async with open_request(GET * 3) as (_, handle, talk):
        talk.writer.write_eof()
        await handle.aborted.wait()
        for n in range(3):
            await until(lambda n=n: len(handle.exchanges) > n)  # type: ignore[misc]
            assert handle.exchanges[n].aborted
            handle.exchanges[n].send(200, b"", b"")
        assert (await talk.rest()).count(b"200 OK") == 3


@pytest.mark.parametrize("half_closed", [False, True])
@pytest.mark.parametrize("data", [GET, GET * 6000, UNREAD], ids=["request", "pipelined", "unread"])
async def test_a_reset_loses_the_connection(data: bytes, half_closed: bool) -> None:
    """Also while reading is paused, and after the input has ended."""
    async with open_request(data) as (it, handle, talk):
        if half_closed:
            talk.writer.write_eof()
            await handle.aborted.wait()
        reset(talk)
        await handle.lost.wait()
        assert handle.exchanges[0].lost
        await until(lambda: not it.server.stats.connections)


async def test_a_connection_that_reads_again_is_not_watched() -> None:
    async with open_request(UNREAD) as (it, handle, talk):
        hang_ups = it.server._shared.hang_ups
        await until(lambda: hang_ups._watched)
        reading = asyncio.ensure_future(handle.exchanges[0].body.read())
        await until(lambda: not hang_ups._watched)
        talk.writer.write(bytes(50_000))
        assert len(await reading) == 200_000


async def test_a_fin_releases_the_descriptor_of_a_handler_that_never_answers() -> None:
    config = HttpConfig(half_close_timeout=0.05)
    async with open_request(GET, config) as (it, handle, talk):
        talk.writer.write_eof()
        await handle.lost.wait()
        assert await talk.rest() == b""
        await until(lambda: not it.server.stats.connections)
        handle.exchanges[0].send(200, b"", b"goes nowhere")


async def test_each_write_after_a_fin_restarts_its_limit() -> None:
    client = Client(keeper := Keeper())
    time = Time(client, HttpConfig(half_close_timeout=3))
    await client.send(GET)
    client.end()
    assert phase_of(client.connection) is Phase.LEFT
    exchange = keeper.exchanges[0]
    exchange.start(200, b"")
    for _ in range(5):
        time.pass_by(2)
        exchange.put(b"more")
    assert not client.transport.aborted
    time.pass_by(5)
    assert client.transport.aborted


async def test_a_shortage_of_descriptors_drops_the_clients_that_have_left() -> None:
    async with open_request(GET) as (it, handle, talk):
        assert not it.server._release_left()
        talk.writer.write_eof()
        await handle.aborted.wait()
        assert it.server._release_left()
        await handle.lost.wait()


async def test_a_callback_may_answer_at_once() -> None:
    """An exception of a callback is logged and has no other effect."""
    client = Client(keeper := Keeper())
    await client.send(GET)
    exchange = keeper.exchanges[0]
    exchange.on_abort(lambda: 1 // 0)
    exchange.on_abort(lambda: exchange.send(200, b"", b"bye"))
    client.end()
    await turn()
    assert client.output.endswith(b"bye")
    assert client.transport.closed
    assert "ZeroDivisionError" in client.log[0][1]


async def test_nothing_is_watched_after_the_end() -> None:
    async with open_request(UNREAD) as (it, _, _talk):
        server = it.server
        await until(lambda: server._shared.hang_ups._watched)
    assert (server._shared.hang_ups._watched, server._shared.hang_ups._epoll) == ({}, None)


def reset(talk: Talk) -> None:
    sock = talk.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    talk.writer.transport.abort()
