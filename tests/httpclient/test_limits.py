"""The limits of a request: its time in each phase, and the memory that a response can take."""

from __future__ import annotations

import asyncio
import functools
import socket
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from eggd.httpclient.config import HttpClientConfig, RequestDefaults
from eggd.httpclient.errors import (
    HttpClientConnectTimeoutError,
    HttpClientRequestError,
    HttpClientRequestTimeoutError,
    HttpClientSizeError,
)
from tests.httpclient.server import Asked, response, talking

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"


async def silent(asked: Asked, writer: Any) -> bytes:
    await asyncio.Event().wait()
    return b""


async def half(asked: Asked, writer: Any) -> bytes:
    writer.write(HEAD + b"abc")
    await asyncio.Event().wait()
    return b""


async def dripping(asked: Asked, writer: Any) -> bytes:
    writer.write(HEAD)
    for _ in range(9):
        await asyncio.sleep(0.1)
        writer.write(b"x")
    return b""


PHASES: list[tuple[Any, dict[str, Any], str]] = [
    (silent, {"timeout": 0.1}, "for 100 ms: GET .*, waiting for the head of the response"),
    (half, {"timeout": [5, "100ms"]}, "for 100 ms: GET .*, reading the body"),
    (half, {"total_timeout": 0.1}, "reading the body .the limit is total_timeout"),
    (dripping, {"total_timeout": 0.3}, "for 300 ms: GET .*, reading the body"),
]


@pytest.mark.parametrize(("respond", "options", "text"), PHASES)
async def test_a_request_that_takes_too_long(
    respond: Any, options: dict[str, Any], text: str
) -> None:
    """The error names time, method, origin and phase (core:HTTP-2, HTTP-5)."""
    async with talking(respond) as (client, server):
        with pytest.raises(HttpClientRequestTimeoutError, match=text) as caught:
            await client.request(f"{server.url}/?token=secret", **options)
        assert client._multi is not None
        assert client._multi.running == 0
    assert caught.value.status == -1
    assert caught.value.res is not None
    assert "secret" not in str(caught.value)


async def test_a_body_that_goes_on_is_not_late() -> None:
    async with talking(dripping) as (client, server):
        assert (await client.request(server.url, timeout=0.4)).data == b"x" * 9


async def test_the_default_of_the_config() -> None:
    config = HttpClientConfig(request=RequestDefaults(timeout=0.1))
    async with talking(silent, config) as (client, server):
        with pytest.raises(HttpClientRequestTimeoutError, match="for 100 ms"):
            await client.request(server.url)
        assert HttpClientConfig().request.timeout == 5.0


@pytest.fixture
def full_backlog() -> Iterator[int]:
    """Yields the port of a listener that completes no more handshakes."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        yield port
        for each in waiting:
            each.close()


@pytest.mark.parametrize("option", ["timeout", "connect_timeout"])
async def test_a_connection_that_is_not_opened(full_backlog: int, option: Any) -> None:
    """A connect timeout has its own name (core:HTTP-5)."""
    options: Any = {option: 0.2}
    async with talking(silent) as (client, _):
        with pytest.raises(HttpClientConnectTimeoutError) as caught:
            await client.request(f"http://127.0.0.1:{full_backlog}", **options)
    assert caught.value.phase == "connecting"
    assert f"the limit is {option}" in str(caught.value)


@asynccontextmanager
async def mute() -> AsyncIterator[int]:
    """Yields the port of a server that accepts connections and reads nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


async def test_a_handshake_that_is_not_answered() -> None:
    async with mute() as port, talking(silent) as (client, _):
        with pytest.raises(HttpClientConnectTimeoutError, match="in the TLS handshake"):
            await client.request(f"https://127.0.0.1:{port}", timeout=0.2)


async def test_a_body_that_is_not_taken_is_late() -> None:
    async with mute() as port, talking(silent) as (client, _):
        with pytest.raises(HttpClientRequestTimeoutError, match="sending the body"):
            await client.request(
                f"http://127.0.0.1:{port}", method="POST", content=b"x" * 20_000_000, timeout=1
            )


def resident() -> int:
    """Returns the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 >> 20


@functools.cache
def bomb(size: int, layers: int = 1) -> bytes:
    """Returns `size` zero bytes, compressed one or more times."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()
    for _ in range(layers - 1):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        data = packer.compress(data) + packer.flush()
    return data


async def test_a_bomb_takes_no_memory() -> None:
    """256 MiB of zeros in 256 kB of gzip (known:KW-37)."""
    answer = response(bomb(256 << 20), headers=("Content-Encoding: gzip",))
    async with talking(lambda asked, writer: answer) as (client, server):
        await client.request(f"{server.url}/", timeout=5, data_type="stream")
        before, began = resident(), time.process_time()
        with pytest.raises(HttpClientSizeError, match="more than 16777216 bytes"):
            await client.request(server.url)
        assert resident() - before < 40
        assert time.process_time() - began < 2


async def test_a_bomb_of_bombs_takes_no_memory() -> None:
    answer = response(bomb(256 << 20, 2), headers=("Content-Encoding: gzip, gzip",))
    async with talking(lambda asked, writer: answer) as (client, server):
        with pytest.raises(HttpClientSizeError):
            await client.request(server.url, max_size="1mb")


async def test_many_codings_are_refused() -> None:
    """A chain of a hundred decoders is not built (known:KW-37)."""
    answer = response(b"x", headers=("Content-Encoding: " + ", ".join(["gzip"] * 100),))
    async with talking(lambda asked, writer: answer) as (client, server):
        with pytest.raises(HttpClientRequestError):
            await client.request(server.url)


async def test_a_bomb_in_a_redirect_is_not_read() -> None:
    """The body of a followed redirect is not needed (known:KW-37)."""
    packed = bomb(64 << 20)
    fields = ("Content-Encoding: gzip", "Location: /next")

    def respond(asked: Asked, writer: Any) -> bytes:
        if asked.target == "/next":
            return response("ok")
        return response(packed, "302 Found", fields)

    async with talking(respond) as (client, server):
        result = await client.request(server.url, max_size=10)
    assert result.data == b"ok"


async def test_a_compressed_stream_is_bounded() -> None:
    answer = response(bomb(256 << 20), headers=("Content-Encoding: gzip",))
    async with talking(lambda asked, writer: answer) as (client, server):
        result: Any = await client.request(server.url, data_type="stream", compressed=True)
        before, size = resident(), 0
        async for chunk in result.data:
            size += len(chunk)
            assert len(chunk) <= 1 << 20
    assert size == 256 << 20
    assert resident() - before < 20


async def test_a_limit_of_a_stream() -> None:
    async with talking(lambda asked, writer: response(bytes(1000))) as (client, server):
        result: Any = await client.request(server.url, data_type="stream", max_size=10)
        with pytest.raises(HttpClientSizeError):
            await result.data.read()


async def test_a_slow_reader_is_not_the_server_s_fault() -> None:
    async with talking(lambda asked, writer: response(bytes(3_000_000))) as (client, server):
        result: Any = await client.request(server.url, data_type="stream", timeout=0.1)
        await anext(result.data)
        await asyncio.sleep(0.4)  # the time of the reader itself
        assert len(await result.data.read()) > 2_000_000


async def test_connections_are_limited() -> None:
    waiting: list[Callable[[], None]] = []

    async def held(asked: Asked, writer: Any) -> bytes:
        if len(waiting) < 2:
            event = asyncio.Event()
            waiting.append(event.set)
            await event.wait()
        return response("ok")

    async with talking(held, HttpClientConfig(max_connections=2)) as (client, server):
        tasks = [asyncio.create_task(client.request(server.url)) for _ in range(6)]
        while len(waiting) < 2:  # noqa: ASYNC110  # two servers' sides
            await asyncio.sleep(0.01)
        for release in waiting:
            release()
        await asyncio.gather(*tasks)
    assert server.connections == 2
