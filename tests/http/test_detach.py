"""A connection that leaves HTTP: for a Tornado WebSocket on real sockets, and for raw bytes."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from tornado import web, websocket

from eggd.http import Exchange
from eggd.http.detach import Detached
from eggd.http.guests import tornado
from eggd.http.guests.guest import GuestRequest
from eggd.wire.message import FRAGMENTS
from eggd.wire.websocket import Op, frame, unmasked
from tests.http.fake import Client, until
from tests.http.serving import GET, UPGRADE, Served, served

TASKS: set[asyncio.Task[Any]] = set()


def run(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(main)


def keep(work: Coroutine[Any, Any, Any]) -> None:
    task = asyncio.ensure_future(work)
    TASKS.add(task)
    task.add_done_callback(TASKS.discard)


class Reads:
    """The reading side of a connection."""

    open, paused, turns = True, False, 0

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def end_turn(self) -> None:
        self.turns += 1


async def test_a_reader_that_has_not_run_yet_holds_the_client_back() -> None:
    """A full read ends the turn; the next bytes wait in the kernel."""
    flow: Any = Reads()
    detached = Detached(flow, lambda data: None, lambda exc: None, b"")
    reader = asyncio.ensure_future(detached.read_some(1))
    await asyncio.sleep(0)
    detached.data_received(b"x" * 250_000)
    assert (flow.turns, flow.paused) == (1, False)
    detached.data_received(b"x" * 250_000)
    assert flow.paused
    assert await reader == b"x"


class Echo(websocket.WebSocketHandler):
    """Echoes messages, and keeps the code of the close."""

    closed: list[int | None]

    def initialize(self, closed: list[int | None]) -> None:
        self.closed = closed

    def get_compression_options(self) -> dict[str, Any]:
        return {}

    async def on_message(self, message: str | bytes) -> None:
        await self.write_message(message, binary=isinstance(message, bytes))

    def on_close(self) -> None:
        self.closed.append(self.close_code)


class Sockets:
    """A server of one WebSocket handler."""

    def __init__(self) -> None:
        self.closed: list[int | None] = []
        rules: list[Any] = [("/chat", Echo, {"closed": self.closed})]
        self.app = web.Application(rules, log_function=lambda handler: None)

    def handle(self, exchange: Exchange) -> None:
        request = GuestRequest(
            exchange=exchange, prefix="", path=exchange.path, scheme="http", client=exchange.peer
        )
        keep(tornado.serve(self.app, request))


async def connected(server: Served) -> websocket.WebSocketClientConnection:
    url = f"ws://127.0.0.1:{server.port}/chat"
    return await websocket.websocket_connect(url, compression_options={})


def test_a_tornado_websocket_exchanges_messages() -> None:
    async def main() -> None:
        sockets = Sockets()
        async with served(sockets.handle) as server:
            client = await connected(server)
            for message in ("hello", b"\x00\xff", "x" * 300_000, ""):
                await client.write_message(message, binary=isinstance(message, bytes))
                assert await client.read_message() == message
            client.close(1000)
            assert await client.read_message() is None
            await until(lambda: sockets.closed)
            assert server.log == []
        assert sockets.closed == [1000]

    run(main())


def test_a_drain_closes_websockets_with_1001() -> None:
    async def main() -> None:
        sockets = Sockets()
        async with served(sockets.handle) as server:
            client = await connected(server)
            draining = asyncio.ensure_future(server.server.drain(5))
            assert await client.read_message() is None
            await draining
            assert (client.close_code, server.server.stats.connections) == (1001, 0)
            assert server.log == []

    run(main())


def test_a_client_that_vanishes_closes_its_websocket() -> None:
    async def main() -> None:
        sockets = Sockets()
        async with served(sockets.handle) as server:
            client = await connected(server)
            assert client.protocol is not None
            assert client.protocol.stream is not None
            client.protocol.stream.close()
            await until(lambda: sockets.closed)
            assert server.server.stats.connections == 0

    run(main())


def test_bytes_after_the_head_belong_to_the_other_protocol() -> None:
    async def main() -> None:
        def handle(exchange: Exchange) -> None:
            keep(echo(exchange.detach()))

        async def echo(detached: Detached) -> None:
            detached.write(await detached.read(3))
            await detached.writable()
            detached.close()
            with pytest.raises(ConnectionError):
                await detached.read(1)

        async with served(handle) as server:
            talk = await server.connect()
            talk.writer.write(GET + b"ab")
            talk.writer.write(b"c")
            assert await talk.rest() == b"abc"

    run(main())


def test_an_answered_exchange_cannot_be_detached() -> None:
    errors: list[str] = []

    async def main() -> None:
        def handle(exchange: Exchange) -> None:
            exchange.send(200, b"", b"")
            with pytest.raises(RuntimeError, match="already answered") as caught:
                exchange.detach()
            errors.append(str(caught.value))

        async with served(handle) as server:
            await (await server.connect()).ask()

    run(main())
    assert errors == ["<GET /> was already answered"]


def test_a_handler_that_only_writes_notices_that_the_transport_closes() -> None:
    """A failed write closes the transport, which reports its end in the next turn of the loop."""

    async def main() -> None:
        all_taken: list[Detached] = []
        client = Client(lambda exchange: all_taken.append(exchange.detach()))
        await client.send(GET)
        detached, turned = all_taken[0], asyncio.Event()
        await detached.writable()
        client.transport.closed = True
        asyncio.get_running_loop().call_soon(turned.set)
        for _ in range(3):
            with pytest.raises(ConnectionResetError):
                await detached.writable()
        assert turned.is_set()

    run(main())


def masked(op: int, payload: bytes, *, final: bool) -> bytes:
    plain = frame(Op.BINARY, payload)
    head = len(plain) - len(payload)
    mask = b"mask"
    first = bytes([final << 7 | op, plain[1] | 0x80])
    return first + plain[2:head] + mask + unmasked(mask, payload)


async def exchanged(server: Served, frames: bytes, size: int) -> bytes:
    """Returns the first `size` bytes that a Tornado handler answers to these frames."""
    talk = await server.connect()
    talk.writer.write(UPGRADE.replace(b"GET / ", b"GET /chat ") + frames)
    assert (await talk.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    return await talk.reader.readexactly(size)


@pytest.mark.parametrize(
    ("frames", "answer"),
    [
        (
            [
                (1, b"a", False),
                (9, b"hi", True),
                (0, b"", False),
                (0, b"bc", True),
                (1, b"d", True),
            ],
            [(Op.PONG, b"hi"), (Op.TEXT, b"abc"), (Op.TEXT, b"d")],
        ),
        ([(2, b"", False), (0, b"", True)], [(Op.BINARY, b"")]),
        ([(2, b"x" * 70_000, False), (0, b"y", True)], [(Op.BINARY, b"x" * 70_000 + b"y")]),
        (
            [(2, b"x", False), *[(0, b"y", False)] * 20_000, (0, b"z", True)],
            [(Op.BINARY, b"x" + b"y" * 20_000 + b"z")],
        ),
        (
            [(2, b"x", False), *[(0, b"", False)] * FRAGMENTS],
            [(Op.CLOSE, b"\x03\xf1message too big")],
        ),
    ],
    ids=["ping between", "empty", "long", "many", "too many"],
)
def test_fragments_reach_a_tornado_websocket_as_one_message(
    frames: list[tuple[int, bytes, bool]], answer: list[tuple[Op, bytes]]
) -> None:
    """Tornado 6.2 copies the whole message once per fragment."""

    async def main() -> None:
        sent = b"".join(masked(op, payload, final=final) for op, payload, final in frames)
        expected = b"".join(frame(op, payload) for op, payload in answer)
        async with served(Sockets().handle) as server:
            assert await exchanged(server, sent, len(expected)) == expected

    run(main())


@pytest.mark.parametrize(
    "frames",
    [[(0, b"a", True)], [(1, b"a", False), (1, b"b", True)], [(0, b"a", False)]],
    ids=["no start", "inside", "not final"],
)
def test_misplaced_fragments_end_a_tornado_websocket(frames: list[tuple[int, bytes, bool]]) -> None:
    async def main() -> None:
        sent = b"".join(masked(op, payload, final=final) for op, payload, final in frames)
        async with served(Sockets().handle) as server:
            with pytest.raises(asyncio.IncompleteReadError):
                await exchanged(server, sent, 1)

    run(main())
