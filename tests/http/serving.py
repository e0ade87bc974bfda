"""A real server on loopback, and a client that speaks raw bytes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from eggd.http import Exchange, HttpConfig, HttpServer
from eggd.http.tls import server_context
from tests.http.certificates import Pair
from tests.http.fake import Answer, read_answers, until

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Served:
    """A started server, where it listens, and what it logged."""

    def __init__(
        self, server: HttpServer, port: int, log: list[tuple[str, str]], trust: str | None
    ) -> None:
        self.server = server
        self.port = port
        self.log = log
        self.trust = trust
        self.talks: list[Talk] = []

    async def connect(self) -> Talk:
        """Opens a connection that the server has accepted."""
        before = self.server.stats.connections
        tls = ssl.create_default_context(cafile=self.trust) if self.trust else None
        talk = Talk(*await asyncio.open_connection("127.0.0.1", self.port, ssl=tls))
        await until(lambda: self.server.stats.connections != before)
        self.talks.append(talk)
        return talk


class Talk:
    """One client connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self, data: bytes = GET) -> Answer:
        """Sends and returns one answer."""
        self.writer.write(data)
        return await self.answer()

    async def answer(self) -> Answer:
        """Returns the next answer, which has a Content-Length."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        answer = read_answers(head)[0]
        answer.body = await self.reader.readexactly(int(answer.headers["content-length"]))
        return answer

    async def rest(self) -> bytes:
        """Returns everything until the server closes."""
        return await self.reader.read()

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


def hello(exchange: Exchange) -> None:
    """Answers every request with `hello`."""
    exchange.send(200, b"Content-Type: text/plain\r\n", b"hello")


@asynccontextmanager
async def served(
    handle: Callable[[Exchange], None] = hello,
    config: HttpConfig | None = None,
    tls: Pair | None = None,
) -> AsyncIterator[Served]:
    """Serves on a free port of loopback; everything is closed at the end."""
    log: list[tuple[str, str]] = []
    server = HttpServer(handle, config or HttpConfig(), lambda *line: log.append(line))
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    port = listener.getsockname()[1]
    await server.start(listener, None, server_context(tls.cert, tls.key) if tls else None)
    it = Served(server, port, log, str(tls.cert) if tls else None)
    try:
        yield it
    finally:
        for talk in it.talks:
            await talk.close()
        await server.drain(0)
