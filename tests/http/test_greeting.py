"""PROXY headers over raw sockets: whole, split, slow, malformed, not trusted, before TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from eggd.http import Exchange, HttpConfig, HttpServer
from eggd.http.tls import server_context
from eggd.wire.networks import Networks
from eggd.wire.proxy_header import LOCAL_HEADER
from tests.http.certificates import Pair
from tests.http.fake import until
from tests.http.serving import GET, Served
from tests.wire.proxy_headers import TLS, V4, V6, binary

LINE = b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n"


def peer(exchange: Exchange) -> None:
    """Answers with scheme, address and port of the peer."""
    host, port = exchange.peer
    exchange.send(200, b"", f"{exchange.scheme} {host} {port}".encode())


@asynccontextmanager
async def behind(
    trusted: Sequence[str] = ("127.0.0.1",),
    *,
    path: Path | None = None,
    tls: Pair | None = None,
    config: HttpConfig | None = None,
) -> AsyncIterator[Served]:
    """Serves `peer` on loopback, or on a Unix socket, behind senders of PROXY headers."""
    log: list[tuple[str, str]] = []
    server = HttpServer(peer, config or HttpConfig(), lambda *line: log.append(line))
    if path is None:
        listener = socket.create_server(("127.0.0.1", 0))
    else:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
    name = listener.getsockname()
    context = server_context(tls.cert, tls.key) if tls else None
    await server.start(listener, None, context, Networks(trusted))
    try:
        yield Served(server, name[1] if path is None else 0, log, None)
    finally:
        await server.drain(0)


async def ask(it: Served, *parts: bytes) -> bytes:
    """Returns the body of the answer; "local" in it stands for the test's own address."""
    reader, writer = await asyncio.open_connection("127.0.0.1", it.port)
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for part in parts:
        writer.write(part)
        await asyncio.sleep(0)
    return await answer(reader, writer)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    own = writer.get_extra_info("sockname")
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].partition(b"\r")[0])
        body = await reader.readexactly(length)
    except (ConnectionError, asyncio.IncompleteReadError):
        body = b"closed"
    writer.close()
    return body.replace(b"127.0.0.1 %d" % own[1], b"local") if own else body


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (LINE, b"http 192.0.2.1 4711"),
        (b"PROXY TCP6 2001:db8::1 ::1 4711 80\r\n", b"http 2001:db8::1 4711"),
        (b"PROXY UNKNOWN\r\n", b"http local"),
        (binary(V4), b"http 192.0.2.1 4711"),
        (binary(V6, family=0x21), b"http 2001:db8::1 4711"),
        (binary(V4 + TLS), b"https 192.0.2.1 4711"),
        (binary(V4, command=0x20), b"http local"),
        (binary(family=0x00), b"http local"),
        (binary(b"/run/a".ljust(216, b"\0"), family=0x31), b"http local"),
    ],
)
async def test_the_peer_of_requests(header: bytes, body: bytes) -> None:
    async with behind() as it:
        assert await ask(it, header + GET) == body
        assert await ask(it, header, GET) == body
        assert it.log == []


@pytest.mark.parametrize("header", [LINE, binary(V4 + TLS)])
async def test_a_header_split_at_each_byte(header: bytes) -> None:
    data = header + GET
    async with behind() as it:
        whole = await ask(it, data)
        for at in range(1, len(header) + 2):
            assert await ask(it, data[:at], data[at:]) == whole
        assert await ask(it, *(bytes((byte,)) for byte in data)) == whole


async def test_all_requests_of_the_connection_have_the_peer() -> None:
    async with behind() as it:
        reader, writer = await asyncio.open_connection("127.0.0.1", it.port)
        writer.write(LINE + GET + GET)
        for _ in range(2):
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(19) == b"http 192.0.2.1 4711"
        # A second header is not one: the request line is malformed.
        writer.write(LINE + GET)
        assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
        writer.close()
        assert "client (192.0.2.1:4711) error [400]" in it.log[-1][1]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (GET, "the connection does not begin with a PROXY header"),
        (b"PROXY TCP4 evil\r\n" + GET, "bad PROXY line b'PROXY TCP4 evil'"),
        (b"PROXY " + b"x" * 1000, "a PROXY line of more than 107 bytes"),
        (binary(size=65535) + b"x" * 65535, "a PROXY header of 65551 bytes (limit 4096)"),
        (b"\x16\x03\x01\0\xf8", "the connection does not begin with a PROXY header"),
    ],
)
async def test_a_malformed_header_closes_the_connection(data: bytes, reason: str) -> None:
    async with behind() as it:
        assert await ask(it, data) == b"closed"
        await until(lambda: it.server.stats.connections == 0)
        [(level, line)] = it.log
        assert (level, line.partition("error ")[2]) == ("warn", f"[PROXY] occurred: {reason}")
        assert it.server.stats.requests == 0


async def test_a_sender_that_is_not_trusted_is_refused() -> None:
    async with behind(["10.0.0.0/8", "::1"]) as it:
        assert await ask(it, LINE + GET) == b"closed"
        await until(lambda: it.server.stats.connections == 0)
        [(_, line)] = it.log
        assert line.endswith("error [PROXY] occurred: the address is not in trusted_proxies")
        assert it.server.stats.requests == 0


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (LOCAL_HEADER, b"http local"),
        (b"PROXY UNKNOWN\r\n", b"http local"),
        (binary(V4), b"closed"),
        (binary(TLS, family=0x00), b"http local"),  # TLVs of an unspecified family are not read
        (binary(b"/run/a".ljust(216, b"\0") + TLS, family=0x31), b"closed"),
    ],
)
async def test_a_program_of_this_host_may_speak_for_itself(header: bytes, body: bytes) -> None:
    """So the check of a deploy is answered, though its address may send nothing about clients."""
    async with behind(["10.0.0.0/8"]) as it:
        assert await ask(it, header + GET) == body
        await until(lambda: it.server.stats.connections == 0)
        assert len(it.log) == (body == b"closed")


async def test_another_address_is_refused_before_its_header() -> None:
    """Nothing is read from a sender that is neither trusted nor this host."""
    async with behind(["10.0.0.0/8"]) as it:
        sock = socket.socket()
        sock.bind(("127.0.0.2", 0))
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", it.port))
        reader, writer = await asyncio.open_connection(sock=sock)
        assert await answer(reader, writer) == b"closed"
        [(_, line)] = it.log
        assert line.endswith("error [PROXY] occurred: the address is not in trusted_proxies")


@pytest.mark.parametrize("start", [b"", LINE[:10], binary(V4)[:20]])
async def test_a_slow_header_is_limited(start: bytes) -> None:
    async with behind(config=HttpConfig(handshake_timeout=0.05)) as it:
        reader, writer = await asyncio.open_connection("127.0.0.1", it.port)
        writer.write(start)
        assert await answer(reader, writer) == b"closed"
        await until(lambda: it.server.stats.connections == 0)
        assert it.log[0][1].endswith("error [PROXY] occurred: no PROXY header in time")


@pytest.mark.parametrize("start", [b"", LINE[:10]])
async def test_a_sender_that_disconnects_is_not_logged(start: bytes) -> None:
    """Health checks of load balancers connect and close."""
    async with behind() as it:
        _, writer = await asyncio.open_connection("127.0.0.1", it.port)
        writer.write(start)
        await until(lambda: it.server.stats.connections == 1)
        writer.close()
        await until(lambda: it.server.stats.connections == 0)
        assert it.log == []


@pytest.mark.parametrize(
    ("trusted", "body"),
    [(["unix"], b"http 192.0.2.1 4711"), (["127.0.0.1", "0.0.0.0/0", "::/0"], b"closed")],
)
async def test_a_unix_socket(tmp_path: Path, trusted: list[str], body: bytes) -> None:
    # known:KW-46
    path = tmp_path / "http.sock"
    async with behind(trusted, path=path) as it:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(LINE + GET)
        assert await answer(reader, writer) == body
        await until(lambda: it.server.stats.connections == 0)


@pytest.mark.parametrize("header", [LINE, binary(V4)])
async def test_tls_behind_the_header(pair: Pair, header: bytes) -> None:
    """The header is not encrypted, and may arrive in one segment with the first bytes of TLS."""
    context = ssl.create_default_context(cafile=str(pair.cert))
    async with behind(tls=pair) as it:
        for steps in ([header], [header[:7], header[7:]]):
            sock = socket.create_connection(("127.0.0.1", it.port))
            sock.setblocking(False)
            loop = asyncio.get_running_loop()
            for step in steps:
                await loop.sock_sendall(sock, step)
            reader, writer = await asyncio.open_connection(
                sock=sock, ssl=context, server_hostname="localhost"
            )
            writer.write(GET)
            assert await answer(reader, writer) == b"https 192.0.2.1 4711"
        assert it.log == []


async def test_a_failed_handshake_names_the_client(pair: Pair) -> None:
    async with behind(tls=pair) as it:
        assert await ask(it, LINE + GET) == b"closed"
        await until(lambda: it.log)
        assert it.log[0][1] == (
            "A client (192.0.2.1:4711) error [TLS] occurred: plain HTTP on a TLS port"
        )


async def test_a_drain_closes_waiting_connections() -> None:
    async with behind() as it:
        reader, writer = await asyncio.open_connection("127.0.0.1", it.port)
        await until(lambda: it.server.stats.connections == 1)
        await it.server.drain(0)
        assert await answer(reader, writer) == b"closed"
