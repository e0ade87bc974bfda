"""The server on real sockets: keep-alive, large answers, limits, the drain, and curl."""

from __future__ import annotations

import asyncio
import shutil
import socket
import struct
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from eggd.http import Exchange, HttpConfig, HttpServer
from tests.http.fake import summary, until
from tests.http.serving import GET, hello, served

QUICK = HttpConfig(
    keep_alive_timeout=0.05, header_timeout=0.05, body_timeout=0.05, linger_timeout=0.05
)
POST_5 = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
LINGER = HttpConfig(linger_timeout=0.05)


async def test_keep_alive() -> None:
    async with served() as it:
        talk = await it.connect()
        answers = [await talk.ask() for _ in range(3)]
        assert {answer.body for answer in answers} == {b"hello"}
        assert (it.server.stats.requests, it.server.stats.connections) == (3, 1)


async def test_a_large_answer_to_a_slow_reader() -> None:
    waited = []

    async def stream(exchange: Exchange) -> None:
        exchange.start(200, b"", length=40 * 1024 * 1024)
        for _ in range(40):
            writing = asyncio.ensure_future(exchange.write(bytes(1024 * 1024)))
            await asyncio.sleep(0)
            waited.append(not writing.done())
            await writing
        exchange.finish()

    tasks = []
    async with served(lambda exchange: tasks.append(asyncio.ensure_future(stream(exchange)))) as it:
        talk = await it.connect()
        assert len((await talk.ask()).body) == 40 * 1024 * 1024
        assert any(waited)
        await asyncio.gather(*tasks)


async def test_a_large_body_is_echoed() -> None:
    body = bytes(range(256)) * 12_000

    async def echo(exchange: Exchange) -> None:
        exchange.send(200, b"", await exchange.body.read())

    tasks = []
    async with served(lambda exchange: tasks.append(asyncio.ensure_future(echo(exchange)))) as it:
        talk = await it.connect()
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
        assert (await talk.ask(head + body)).body == body
        await asyncio.gather(*tasks)


async def test_a_half_closed_client_is_answered() -> None:
    async with served(summary) as it:
        talk = await it.connect()
        talk.writer.write(GET * 3)
        talk.writer.write_eof()
        assert (await talk.rest()).count(b"200 OK") == 3


async def test_a_reset_is_an_abort() -> None:
    gone = asyncio.Event()
    async with served(lambda exchange: exchange.on_abort(gone.set)) as it:
        talk = await it.connect()
        talk.writer.write(GET)
        await until(lambda: it.server.stats.requests)
        sock = talk.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        talk.writer.transport.abort()
        await gone.wait()
        assert it.log == []


async def test_the_error_page_arrives_after_an_unread_body() -> None:
    config = HttpConfig(body_limit=10)
    async with served(config=config) as it:
        talk = await it.connect()
        body = bytes(500_000)
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
        assert (await talk.ask(head + body)).status == 413
        assert await talk.rest() == b""


SILENT = [(b"", b""), (GET[:9], b"HTTP/1.1 408 "), (POST_5 + b"hell", b"HTTP/1.1 408 ")]


@pytest.mark.parametrize(("data", "answer"), SILENT)
async def test_a_client_that_sends_too_little_is_closed(data: bytes, answer: bytes) -> None:
    async with served(summary, QUICK) as it:
        talk = await it.connect()
        talk.writer.write(data)
        assert (await talk.rest())[:13] == answer


async def test_a_client_that_never_takes_the_last_bytes_is_dropped() -> None:
    """Even if the bytes are so few that they fit into the buffers."""
    config = HttpConfig(keep_alive_timeout=0.05, linger_timeout=0.05, write_timeout=0.2)
    server = HttpServer(
        lambda exchange: exchange.send(200, b"", bytes(50_000)), config, lambda level, text: None
    )
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    await server.start(listener, None)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(listener.getsockname())
        client.sendall(GET)
        await until(lambda: server.stats.requests)
        await until(lambda: not server.stats.connections)
    await server.drain(0)


async def test_no_timer_without_connections() -> None:
    async with served(config=QUICK) as it:
        assert not it.server._sweep.running
        talk = await it.connect()
        assert it.server._sweep.running
        await talk.rest()
        await until(lambda: not it.server._sweep.running)


async def test_drain_completes_open_exchanges() -> None:
    kept: list[Exchange] = []
    async with served(kept.append, LINGER) as it:
        talk = await it.connect()
        talk.writer.write(GET)
        await until(lambda: kept)
        draining = asyncio.ensure_future(it.server.drain(10))
        await asyncio.sleep(0)
        kept[0].send(200, b"", b"late")
        answer = await talk.answer()
        assert (answer.body, answer.headers["connection"]) == (b"late", "close")
        await draining


async def test_drain_notifies_open_exchanges() -> None:
    """Once each: later requests at once, completed exchanges not at all."""
    kept: list[Exchange] = []
    notified: list[str] = []

    def handle(exchange: Exchange) -> None:
        kept.append(exchange)
        name = exchange.path.decode()
        exchange.on_drain(lambda: notified.append(name))
        if name != "/kept":
            exchange.send(200, b"", b"done")

    async with served(handle, LINGER) as it:
        talk, other = await it.connect(), await it.connect()
        for each, path in ((talk, b"/done"), (other, b"/done"), (talk, b"/kept")):
            each.writer.write(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path)
            if path == b"/done":
                await each.answer()
        await until(lambda: len(kept) == 3)
        draining = asyncio.ensure_future(it.server.drain(10))
        await until(lambda: notified == ["/kept"])
        other.writer.write(b"GET /late HTTP/1.1\r\nHost: a\r\n\r\n")
        await other.answer()
        kept[2].send(200, b"", b"now")
        await draining
        assert notified == ["/kept", "/late"]


async def test_drain_answers_an_idle_connection_once_more() -> None:
    async with served(config=LINGER) as it:
        talk = await it.connect()
        await talk.ask()
        draining = asyncio.ensure_future(it.server.drain(10))
        await asyncio.sleep(0)
        assert (await talk.ask()).headers["connection"] == "close"
        assert await talk.rest() == b""
        await draining
        assert it.log == []


async def test_drain_closes_idle_connections_after_their_time() -> None:
    async with served(config=QUICK) as it:
        talk = await it.connect()
        await it.server.drain(10)
        assert await talk.rest() == b""


async def test_drain_accepts_no_connections() -> None:
    async with served() as it:
        await it.server.drain(0)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", it.port)


async def test_drain_cuts_off_at_its_limit() -> None:
    async with served(lambda exchange: None) as it:
        talk = await it.connect()
        talk.writer.write(GET)
        await it.server.drain(0.01)
        assert it.log == [("warn", "drain: 1 connections cut off after 0.01 s")]
        assert await talk.rest() == b""


async def test_other_processes_keep_the_listener() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as shared:
        async with served() as it:
            await it.server.drain(0)
            await it.server.start(shared.dup(), None)
            await it.server.drain(0)
        with socket.create_connection(shared.getsockname()), shared.accept()[0]:
            pass


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--http1.0"],
        ["--http2"],
        ["-d", "hello"],
        ["-H", "Expect: 100-continue", "-d", "hello"],
        ["-H", "Transfer-Encoding: chunked", "-d", "hello"],
    ],
)
async def test_curl(options: list[str]) -> None:
    async with served(summary) as it:
        url = f"http://127.0.0.1:{it.port}/?x"
        curl = await asyncio.create_subprocess_exec("curl", "-s", *options, url, stdout=PIPE)
        out, _ = await curl.communicate()
        body = b"b'hello'" if "hello" in options else b"b''"
        assert out.split()[1] == b"/?x"
        assert out.endswith(body)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
async def test_curl_uploads_a_file(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(3_000_000))

    async def count(exchange: Exchange) -> None:
        size = 0
        async for piece in exchange.body:
            size += len(piece)
        exchange.send(200, b"", str(size).encode())

    tasks = []
    async with served(lambda exchange: tasks.append(asyncio.ensure_future(count(exchange)))) as it:
        url = f"http://127.0.0.1:{it.port}/"
        command = ("curl", "-s", "-T", str(tmp_path / "big"), url)
        curl = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
        assert (await curl.communicate())[0] == b"3000000"
        await asyncio.gather(*tasks)


def test_hello_is_what_the_tests_serve() -> None:
    assert hello.__doc__
