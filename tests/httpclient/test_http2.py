"""HTTP/2 with a real server: nghttpd of nghttp2."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from eggd.httpclient.client import HttpClient
from eggd.httpclient.config import HttpClientConfig, RequestDefaults
from eggd.httpclient.errors import HttpClientRequestError, HttpClientSizeError
from tests.http.certificates import Pair
from tests.ports import free_port
from tests.program import Program

LARGE = 4 * 1024 * 1024


@dataclass
class Server:
    """A running nghttpd."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"


@pytest.fixture
def server(pair: Pair, tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "large").write_bytes(bytes(LARGE))
    port = free_port()
    command = ["stdbuf", "-oL", "nghttpd", "--verbose", "--echo-upload", "--address=127.0.0.1"]
    argv = [*command, f"--htdocs={tmp_path}", str(port), str(pair.key), str(pair.cert)]
    with Program[bytes](argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"listen" in process.stdout.readline()
        rest = Thread(target=process.stdout.read)
        rest.start()
        try:
            yield Server(port, process)
        finally:
            process.kill()
            rest.join()


@pytest.fixture
def config(pair: Pair) -> HttpClientConfig:
    return HttpClientConfig(ca_file=str(pair.cert))


async def test_the_server_is_asked_over_http2(server: Server, config: HttpClientConfig) -> None:
    """Fields, bodies and statuses are as those of HTTP/1.1; one connection has all requests."""
    client = HttpClient(config)
    try:
        first = await client.request(f"{server.url}/a.txt", data_type="text")
        assert (first.status, first.data, first.res.http_version) == (200, "hello", "2")
        assert first.headers["server"].startswith("nghttpd")
        assert not first.res.keep_alive_socket
        missing = await client.request(f"{server.url}/missing")
        assert (missing.status, missing.res.keep_alive_socket) == (404, True)
        body = {"text": "a" * 100_000}
        echo = await client.request(
            f"{server.url}/", method="POST", data=body, content_type="json", data_type="json"
        )
        assert echo.data == body
        head = await client.request(f"{server.url}/a.txt", method="HEAD")
        assert (head.status, head.data) == (200, b"")
    finally:
        await client.close()


async def test_requests_share_a_connection(server: Server, config: HttpClientConfig) -> None:
    client = HttpClient(config)
    try:
        await client.request(f"{server.url}/a.txt")
        asked = (client.request(f"{server.url}/a.txt") for _ in range(40))
        results = await asyncio.gather(*asked)
        assert {each.data for each in results} == {b"hello"}
        assert all(each.res.keep_alive_socket for each in results)
    finally:
        await client.close()


async def test_a_large_body_is_limited_and_streamed(server: Server, pair: Pair) -> None:
    request = RequestDefaults(max_size=LARGE // 2)
    client = HttpClient(HttpClientConfig(ca_file=str(pair.cert), request=request))
    try:
        with pytest.raises(HttpClientSizeError):
            await client.request(f"{server.url}/large")
        result = await client.request(f"{server.url}/large", data_type="stream")
        chunks: Any = result.data
        assert sum([len(chunk) async for chunk in chunks]) == LARGE
        assert (await client.request(f"{server.url}/a.txt")).data == b"hello"
    finally:
        await client.close()


async def test_a_dead_server_is_an_error(server: Server, config: HttpClientConfig) -> None:
    client = HttpClient(config)
    try:
        await client.request(f"{server.url}/a.txt")
        server.process.kill()
        server.process.wait()
        with pytest.raises(HttpClientRequestError):
            await client.request(f"{server.url}/a.txt")
    finally:
        await client.close()
