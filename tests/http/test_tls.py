"""TLS on real sockets and both event loops: requests, WebSockets, limits, other protocols."""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
from pathlib import Path
from typing import cast

import pytest

from eggd.errors import ConfigError
from eggd.http import Exchange, HttpConfig
from eggd.http.guests.guest import GuestRequest, Reply
from eggd.http.tls import create_context, server_context
from eggd.http.websocket import WebSocket, handshake
from tests.http.certificates import Pair, make_pair, openssl
from tests.http.fake import summary, until
from tests.http.serving import GET, UPGRADE, Served, Talk, hello, served

BIG = 8 * 1024 * 1024
HELLO = bytes.fromhex("818537fa213d7f9f4d5158")  # RFC 6455 section 5.7
CLOSE_1000 = b"\x88\x82\0\0\0\0\x03\xe8"


def request(exchange: Exchange) -> GuestRequest:
    peer = exchange.peer
    return GuestRequest(
        exchange=exchange, prefix="", path=b"/", scheme=exchange.scheme, client=peer
    )


def scheme(exchange: Exchange) -> None:
    exchange.send(200, b"", exchange.scheme.encode())


async def test_requests_on_one_connection(pair: Pair) -> None:
    async with served(scheme, tls=pair) as it:
        talk = await it.connect()
        assert [(await talk.ask()).body for _ in range(3)] == [b"https"] * 3
        talk.writer.write(GET * 2)
        assert (await talk.answer()).body == (await talk.answer()).body == b"https"


async def test_the_negotiated_version_and_protocol(pair: Pair) -> None:
    async with served(tls=pair) as it:
        for offered, agreed in ((["h2", "http/1.1"], "http/1.1"), (["h2"], None)):
            client = ssl.create_default_context(cafile=str(pair.cert))
            client.set_alpn_protocols(offered)
            _, writer = await asyncio.open_connection("127.0.0.1", it.port, ssl=client)
            tls = writer.get_extra_info("ssl_object")
            assert (tls.version(), tls.selected_alpn_protocol()) == ("TLSv1.3", agreed)
            writer.close()
            await writer.wait_closed()


CURL = [
    # options; the output of -w: version, status, bytes and connections
    (["--tlsv1.2", "--tls-max", "1.2"], "1.1 200 8388608 1\n1.1 200 8388608 0\n"),
    (["--tlsv1.3"], "1.1 200 8388608 1\n1.1 200 8388608 0\n"),
    (["--http2"], "1.1 200 8388608 1\n1.1 200 8388608 0\n"),
    (["--http1.0"], "1.1 200 8388608 1\n1.1 200 8388608 1\n"),
    (["-H", "Connection: close"], "1.1 200 8388608 1\n1.1 200 8388608 1\n"),
]


@pytest.mark.parametrize(("options", "expected"), CURL)
async def test_curl(pair: Pair, options: list[str], expected: str) -> None:
    """With both versions of TLS, on one connection, with complete answers before the close."""

    def handle(exchange: Exchange) -> None:
        exchange.send(200, b"", bytes(BIG))

    async with served(handle, tls=pair) as it:
        url = f"https://localhost:{it.port}/"
        written = "%{http_version} %{http_code} %{size_download} %{num_connects}\\n"
        curl = await asyncio.create_subprocess_exec(
            *("curl", "-sS", "--cacert", str(pair.cert), "-w", written, *options),
            *(url, "-o", "/dev/null", url, "-o", "/dev/null"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await curl.communicate()
        assert output.decode() == expected
        assert it.log == []


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
async def test_older_versions_are_refused(pair: Pair) -> None:
    async with served(tls=pair) as it:
        client = ssl.create_default_context(cafile=str(pair.cert))
        client.minimum_version = client.maximum_version = ssl.TLSVersion.TLSv1_1
        client.set_ciphers("DEFAULT@SECLEVEL=0")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", it.port, ssl=client)
        await until(lambda: it.log)
        assert it.log[0][1].endswith("error [TLS] occurred: unsupported protocol")


@pytest.mark.parametrize("path", [b"/whole", b"/pieces"])
async def test_a_large_answer_is_followed_by_a_close(pair: Pair, path: bytes) -> None:
    tasks: list[asyncio.Future[None]] = []

    async def pieces(exchange: Exchange) -> None:
        exchange.start(200, b"", length=BIG)
        for _ in range(BIG // 65536):
            await exchange.write(bytes(65536))
        exchange.finish()

    def handle(exchange: Exchange) -> None:
        if exchange.path == b"/whole":
            exchange.send(200, b"", bytes(BIG))
        else:
            tasks.append(asyncio.ensure_future(pieces(exchange)))

    async with served(handle, tls=pair) as it:
        talk = await it.connect()
        talk.writer.write(b"GET %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % path)
        answer = await talk.rest()
        assert len(answer.partition(b"\r\n\r\n")[2]) == BIG
        await asyncio.gather(*tasks)


async def test_a_body_and_a_bad_request(pair: Pair) -> None:
    async with served(summary, tls=pair) as it:
        talk = await it.connect()
        head = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert b"'hello'" in (await talk.ask(head + b"5\r\nhello\r\n0\r\n\r\n")).body
        answer = await talk.ask(b"GET / HTTP/1.1\r\nHost : a\r\n\r\n")
        assert (answer.status, await talk.rest()) == (400, b"")


async def test_a_client_that_sends_its_whole_body_first_sees_the_answer(pair: Pair) -> None:
    """TLS fails if data arrive after its close: the server waits until the client has sent all."""
    context = ssl.create_default_context(cafile=str(pair.cert))

    def upload(port: int) -> int:
        connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=20)
        connection.request("POST", "/", bytes(BIG))
        status = connection.getresponse().status
        connection.close()
        return status

    async with served(lambda exchange: exchange.send(401, b"", b""), tls=pair) as it:
        assert await asyncio.to_thread(upload, it.port) == 401
        await until(lambda: not it.server.stats.connections)


async def test_the_drain_sends_close_and_ends_idle_connections(pair: Pair) -> None:
    exchanges: list[Exchange] = []
    config = HttpConfig(keep_alive_timeout=0.05, linger_timeout=0.05)
    async with served(exchanges.append, config, pair) as it:
        idle, busy = await it.connect(), await it.connect()
        busy.writer.write(GET)
        await until(lambda: exchanges)
        draining = asyncio.ensure_future(it.server.drain(25))
        assert await idle.rest() == b""
        exchanges[0].send(200, b"", b"done")
        assert (await busy.answer()).headers["connection"] == "close"
        assert await busy.rest() == b""
        await draining
        assert not any("cut off" in text for _, text in it.log)


async def test_a_client_that_ignores_the_close_is_dropped(pair: Pair) -> None:
    """An idle connection pool notices our close only when it is used."""
    config = HttpConfig(keep_alive_timeout=0.05, linger_timeout=0.05)
    async with served(hello, config, pair) as it:
        talk = await it.connect()
        await talk.ask()
        deaf(talk)
        await until(lambda: it.server.stats.connections == 0)
        talk.writer.transport.abort()


async def test_a_client_that_takes_nothing_is_dropped(pair: Pair) -> None:
    def handle(exchange: Exchange) -> None:
        exchange.send(200, b"", bytes(BIG * 4))

    config = HttpConfig(keep_alive_timeout=0.05, linger_timeout=0.05, write_timeout=0.3)
    async with served(handle, config, pair) as it:
        talk = await it.connect()
        deaf(talk)
        talk.writer.write(GET)
        await until(lambda: it.server.stats.connections == 0)
        talk.writer.transport.abort()


async def test_a_websocket(pair: Pair) -> None:
    async def echo(exchange: Exchange) -> None:
        fields = handshake(exchange)
        socket = WebSocket(Reply(request(exchange)).switch(fields), 1 << 20, HttpConfig())
        async for message in socket:
            await socket.send(message)
        await socket.close()

    tasks: list[asyncio.Future[None]] = []
    async with served(lambda it: tasks.append(asyncio.ensure_future(echo(it))), tls=pair) as it:
        talk = await it.connect()
        talk.writer.write(UPGRADE + HELLO)
        head = await talk.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert await talk.reader.readexactly(7) == b"\x81\x05Hello"
        talk.writer.write(CLOSE_1000)
        assert await talk.rest() == b"\x88\x02\x03\xe8"
        await asyncio.gather(*tasks)


async def test_a_websocket_client_that_still_sends_sees_the_close_frame(pair: Pair) -> None:
    """RFC 6455 section 7.1.1; TLS has no half-close in asyncio."""
    sockets: list[WebSocket] = []

    def refuse(exchange: Exchange) -> None:
        detached = Reply(request(exchange)).switch(handshake(exchange))
        sockets.append(WebSocket(detached, 1000, HttpConfig()))

    async with served(refuse, HttpConfig(linger_timeout=0.05), tls=pair) as it:
        talk = await it.connect()
        talk.writer.write(UPGRADE)
        assert (await talk.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        talk.writer.write(b"\x82\xff" + BIG.to_bytes(8) + bytes(4) + b"x" * BIG)
        await talk.writer.drain()
        rest = await talk.rest()
        assert rest[:1] + rest[2:4] == b"\x88" + (1009).to_bytes(2)
        assert sockets[0].close_code == 1009


async def test_a_client_that_ends_its_side_in_the_middle_of_a_request(pair: Pair) -> None:
    exchanges: list[Exchange] = []
    async with served(exchanges.append, tls=pair) as it:
        plain = socket.create_connection(("127.0.0.1", it.port))
        tls = ssl.create_default_context(cafile=str(pair.cert))
        client = await asyncio.to_thread(tls.wrap_socket, plain, server_hostname="localhost")
        client.sendall(GET)
        await until(lambda: exchanges)
        client.setblocking(False)
        with client, pytest.raises(ssl.SSLError):
            client.unwrap()
        await until(lambda: exchanges[0].aborted)
        exchanges[0].send(200, b"", b"to nobody")


def test_an_expired_or_future_certificate_is_reported(tmp_path: Path) -> None:
    good, soon = make_pair(tmp_path, "good"), make_pair(tmp_path, "soon", days=5)
    old, request = Pair(tmp_path / "old.crt", soon.key), tmp_path / "request"
    openssl("req", "-new", "-key", old.key, "-subj", "/CN=old", "-out", request)
    openssl(*("x509", "-req", "-in", request, "-signkey", old.key), "-days", "-1", "-out", old.cert)
    warnings: list[str] = []
    for each in (good, soon, old):
        create_context(each.cert, each.key, warnings.append)
    assert warnings == [
        f"certificate '{soon.cert}' expires in 4 days",
        f"certificate '{old.cert}': certificate has expired",
    ]


STRANGERS = {
    "plain HTTP": (GET, "plain HTTP on a TLS port"),
    "garbage": (b"\0\1\2\3" * 100, "wrong version number"),
    "a broken hello": (b"\x16\x03\x01\x00\x05hello", "unexpected message"),
}


@pytest.mark.parametrize("name", STRANGERS)
async def test_plain_http_on_tls_is_logged_in_one_line(pair: Pair, name: str) -> None:
    # core:APP-8
    data, reason = STRANGERS[name]
    async with served(tls=pair) as it:
        await stranger(it, data)
        [(level, text)] = it.log
        assert level == "warn"
        assert text.startswith("A client (127.0.0.1:")
        assert text.endswith(f") error [TLS] occurred: {reason}")


async def test_a_client_that_sends_nothing_and_disconnects_is_not_logged(pair: Pair) -> None:
    """Without a packet there is nothing to log (core:APP-8)."""
    async with served(tls=pair) as it:
        await stranger(it, b"")
        await stranger(it, b"\x16\x03\x01")
        assert it.log == []


async def test_a_handshake_has_a_limit(pair: Pair) -> None:
    async with served(hello, HttpConfig(handshake_timeout=0.05), pair) as it:
        reader, writer = await asyncio.open_connection("127.0.0.1", it.port)
        writer.write(b"\x16\x03\x01")
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        await until(lambda: it.log)
        assert it.log[0][1].endswith("error [TLS] occurred: no handshake in time")


def deaf(talk: Talk) -> None:
    """Makes the client read nothing more."""
    cast("asyncio.Transport", talk.writer.transport).pause_reading()


async def stranger(it: Served, data: bytes) -> None:
    """Sends bytes that are not a handshake, ends, and waits until the server has dropped it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", it.port)
    await until(lambda: it.server.stats.connections == 1)
    writer.write(data)
    writer.write_eof()
    try:
        await reader.read()
    except ConnectionError:
        pass
    writer.close()
    await until(lambda: it.server.stats.connections == 0)


def test_an_unusable_certificate_or_key_is_reported_with_its_file(
    pair: Pair, tmp_path: Path
) -> None:
    other = make_pair(tmp_path, "other")
    text = other.key.read_text()
    (tmp_path / "cut.key").write_text(text[:100] + "\n-----END PRIVATE KEY-----\n")
    (tmp_path / "cut.crt").write_text(pair.cert.read_text()[:200] + "\n-----END CERTIFICATE-----\n")
    openssl("pkey", "-in", other.key, "-aes128", "-passout", "pass:x", "-out", tmp_path / "locked")
    weak = ("-newkey", "rsa:1024", "-nodes", "-subj", "/CN=weak")
    openssl("req", "-x509", *weak, "-keyout", tmp_path / "weak.key", "-out", tmp_path / "weak.crt")
    table: list[tuple[Path, Path, str]] = [
        (tmp_path / "no", pair.key, f"certificate '{tmp_path}/no' cannot be read: No such file"),
        (pair.cert, tmp_path / "no", f"key '{tmp_path}/no' cannot be read: No such file"),
        (pair.cert, tmp_path, f"key '{tmp_path}' cannot be read: is not a regular file"),
        (
            pair.key,
            pair.key,
            f"certificate '{pair.key}' is not a PEM certificate (it holds a",
        ),
        (pair.cert, pair.cert, f"key '{pair.cert}' is not a PEM private key (-----BEGIN PRIVATE"),
        (pair.cert, other.key, f"key '{other.key}' does not belong to certificate '{pair.cert}'"),
        (tmp_path / "cut.crt", pair.key, f"certificate '{tmp_path}/cut.crt' is broken"),
        (pair.cert, tmp_path / "cut.key", f"key '{tmp_path}/cut.key' is broken"),
        (pair.cert, tmp_path / "locked", f"key '{tmp_path}/locked' is encrypted"),
        (tmp_path / "weak.crt", tmp_path / "weak.key", "rejected by OpenSSL: EE_KEY_TOO_SMALL"),
    ]
    for cert, key, line in table:
        with pytest.raises(ConfigError) as failed:
            server_context(cert, key)
        assert line in failed.value.line
        assert text.splitlines()[1] not in failed.value.line
