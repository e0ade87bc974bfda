"""TLS, proxies, Unix sockets and authentication."""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from eggd.httpclient.client import HttpClient
from eggd.httpclient.config import HttpClientConfig
from eggd.httpclient.errors import HttpClientRequestError
from tests.http.certificates import Pair
from tests.httpclient.server import Asked, response, serving, talking


def tls(pair: Pair) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    return context


@asynccontextmanager
async def client_of(config: HttpClientConfig) -> Any:
    client = HttpClient(config)
    try:
        yield client
    finally:
        await client.close()


async def test_a_certificate_is_verified(pair: Pair) -> None:
    async with serving(lambda asked, writer: response("ok"), tls(pair)) as server:
        url = f"https://localhost:{server.port}"
        async with client_of(HttpClientConfig()) as client:
            with pytest.raises(HttpClientRequestError, match=r"certificate.*TLS handshake"):
                await client.request(url)
        async with client_of(HttpClientConfig(ca_file=str(pair.cert))) as client:
            result = await client.request(url)
            assert result.data == b"ok"
            assert result.res.timing.tls > 0
        async with client_of(HttpClientConfig(verify=False)) as client:
            assert (await client.request(f"https://127.0.0.1:{server.port}")).data == b"ok"


async def test_a_unix_socket(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response("local"))
        await writer.drain()
        writer.close()

    path = tmp_path / "socket"
    listener = await asyncio.start_unix_server(answer, path)
    async with listener, client_of(HttpClientConfig()) as client:
        assert (await client.request("http://any/", socket_path=str(path))).data == b"local"
        with pytest.raises(HttpClientRequestError, match=f"GET http://any by {path}x: "):
            await client.request("http://any/", socket_path=f"{path}x")


async def test_a_proxy_gets_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the config, by a call, by the environment only if the config says so."""
    async with talking(lambda asked, writer: response("by proxy")) as (direct, proxy):
        url = "http://bank.invalid/rate"
        assert (await direct.request(url, proxy=proxy.url)).data == b"by proxy"
        async with client_of(HttpClientConfig(proxy=proxy.url.replace("//", "//u:p@"))) as client:
            await client.request(url)
        monkeypatch.setenv("http_proxy", proxy.url)
        async with client_of(HttpClientConfig(proxy="environment")) as client:
            await client.request(url)
        with pytest.raises(HttpClientRequestError, match="resolve"):
            await direct.request(url)
    assert [asked.target for asked in proxy.requests] == [url] * 3
    assert "proxy-authorization" in proxy.requests[1].headers


async def test_some_hosts_need_no_proxy() -> None:
    config = HttpClientConfig(proxy="http://127.0.0.1:9", no_proxy=["127.0.0.1"])
    async with talking(lambda asked, writer: response("direct"), config) as (client, server):
        assert (await client.request(server.url)).data == b"direct"


async def test_a_tunnel_through_a_proxy(pair: Pair) -> None:
    """The head of the proxy's answer to CONNECT is not taken for the response."""

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        port = int(head.split()[1].rpartition(b":")[2])
        inner, outer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connection established\r\nX-Proxy: 1\r\n\r\n")
        await asyncio.gather(pipe(reader, outer), pipe(inner, writer))

    async def pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
        target.close()

    proxy = await asyncio.start_server(tunnel, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
    config = HttpClientConfig(proxy=url, ca_file=str(pair.cert))
    async with serving(lambda asked, writer: response("inner"), tls(pair)) as server:
        async with client_of(config) as client:
            result = await client.request(f"https://localhost:{server.port}/")
            stream = await client.request(f"https://localhost:{server.port}/", data_type="stream")
            assert await stream.data.read() == b"inner"
    assert result.data == b"inner"
    assert "x-proxy" not in result.headers
    proxy.close()


@pytest.mark.parametrize("data_type", ["", "stream"])
async def test_digest_authentication(data_type: Any) -> None:
    """The challenge of the server is answered (core:HTTP-4)."""

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    def respond(asked: Asked, writer: Any) -> bytes:
        field = asked.headers.get("authorization", "")
        if not field:
            challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"'
            return response("who?", "401 Unauthorized", (challenge,))
        given = dict(re.findall(r'(\w+)="?([^",]+)', field))
        secret, request = md5("ada:r:pw"), md5(f"GET:{given['uri']}")
        whole = f"{secret}:n:{given['nc']}:{given['cnonce']}:auth:{request}"
        right = md5(whole) == given["response"]
        return response("in") if right else response("wrong", "401 Unauthorized")

    async with talking(respond) as (client, server):
        result: Any = await client.request(
            f"{server.url}/x", digest_auth="ada:pw", data_type=data_type
        )
        data = await result.data.read() if data_type else result.data
        assert (result.status, data) == (200, b"in")
        assert (await client.request(server.url, digest_auth="ada:no")).status == 401


async def test_an_interim_response_is_skipped() -> None:
    answer = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + response("end")
    async with talking(lambda asked, writer: answer) as (client, server):
        result = await client.request(server.url)
    assert (result.status, result.data) == (200, b"end")
    assert "link" not in result.headers


async def test_trailers_are_not_header_fields() -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n"
        b"3\r\nabc\r\n0\r\nX-Trailer: t\r\n\r\n"
    )
    async with talking(lambda asked, writer: answer) as (client, server):
        result = await client.request(server.url)
    assert (result.data, "x-trailer" in result.headers) == (b"abc", False)
