"""An HTTP server on a real socket whose responses a test decides, byte by byte if it wants."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from eggd.httpclient.client import HttpClient
from eggd.httpclient.config import HttpClientConfig
from eggd.httpclient.outgoing import CheckAddress


@dataclass
class Asked:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int
    """The number of its connection, from 0."""


@dataclass
class Server:
    """A running server with what it has received."""

    port: int = 0
    requests: list[Asked] = field(default_factory=list)
    connections: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


Respond = Callable[[Asked, asyncio.StreamWriter], bytes | Awaitable[bytes]]
"""Returns the bytes of a response; what it writes itself is sent before them."""


def response(
    body: bytes | str = b"", status: str = "200 OK", headers: tuple[str, ...] = ()
) -> bytes:
    """Returns a whole response."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def redirect(location: str, status: str = "302 Found") -> bytes:
    return response("moved", status, (f"Location: {location}",))


@asynccontextmanager
async def serving(
    respond: Respond, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Server]:
    """Yields a server that answers every request by `respond`; b"" closes the connection."""
    server = Server()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number, server.connections = server.connections, server.connections + 1
        server.writers.append(writer)
        if (task := asyncio.current_task()) is not None:
            server.tasks.append(task)
        try:
            while (asked := await _read(reader, number)) is not None:
                server.requests.append(asked)
                answer = respond(asked, writer)
                data = answer if isinstance(answer, bytes) else await answer
                if not data:
                    break
                writer.write(data)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(connected, host, 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for writer in server.writers:
            if not writer.is_closing():
                writer.transport.abort()
        for task in server.tasks:
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)


@asynccontextmanager
async def talking(
    respond: Respond,
    config: HttpClientConfig | None = None,
    *,
    check_address: CheckAddress | None = None,
) -> AsyncIterator[tuple[HttpClient, Server]]:
    """Yields a client and a server."""
    client = HttpClient(config, check_address=check_address)
    async with serving(respond) as server:
        try:
            yield client, server
        finally:
            await client.close()


async def _read(reader: asyncio.StreamReader, number: int) -> Asked | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    if "chunked" in headers.get("transfer-encoding", ""):
        body = await _chunked(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, target, headers, body, number)


async def _chunked(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readline()
    return body
