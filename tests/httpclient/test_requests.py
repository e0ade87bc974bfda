"""Requests as they arrive at a server, and the responses that a caller gets."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from eggd.errors import ArgumentError
from eggd.httpclient.client import HttpClient
from eggd.httpclient.config import HttpClientConfig, RequestDefaults
from eggd.httpclient.errors import (
    HttpClientRequestError,
    HttpClientSizeError,
    JSONResponseFormatError,
)
from eggd.httpclient.events import RequestEvent, ResponseEvent
from tests.httpclient.server import Asked, response, talking

OK = response("ok")

SENT: list[tuple[dict[str, Any], tuple[str, str, bytes, dict[str, str | None]]]] = [
    ({}, ("GET", "/p?q=1", b"", {"user-agent": "eggd/", "accept": None, "content-type": None})),
    ({"data": {"a": 1, "b": "x y"}}, ("GET", "/p?q=1&a=1&b=x%20y", b"", {})),
    ({"data": "?a=1"}, ("GET", "/p?q=1&a=1", b"", {})),
    ({"method": "HEAD"}, ("HEAD", "/p?q=1", b"", {})),
    ({"method": "POST"}, ("POST", "/p?q=1", b"", {"content-length": "0"})),
    ({"method": "DELETE"}, ("DELETE", "/p?q=1", b"", {})),
    (
        {"method": "POST", "data": {"a": [1, 2], "b": None}},
        ("POST", "/p?q=1", b"a=1&a=2&b=", {"content-type": "application/x-www-form-urlencoded"}),
    ),
    (
        {"method": "POST", "data": {"a": {"b": [1]}}, "nested_querystring": True},
        ("POST", "/p?q=1", b"a%5Bb%5D%5B0%5D=1", {}),
    ),
    (
        {"method": "PUT", "data": {"ä": [1]}, "content_type": "json"},
        ("PUT", "/p?q=1", '{"ä":[1]}'.encode(), {"content-type": "application/json"}),
    ),
    (
        {"method": "POST", "data": [1], "headers": {"Content-Type": "application/x+json"}},
        ("POST", "/p?q=1", b"[1]", {"content-type": "application/x+json"}),
    ),
    (
        {"method": "PATCH", "content": b"\0", "content_type": "application/octet-stream"},
        ("PATCH", "/p?q=1", b"\0", {"content-type": "application/octet-stream"}),
    ),
    (
        {"method": "POST", "data": {"a": 1}, "data_as_query_string": True},
        ("POST", "/p?q=1&a=1", b"", {}),
    ),
    ({"data_type": "json"}, ("GET", "/p?q=1", b"", {"accept": "application/json"})),
    ({"compressed": True}, ("GET", "/p?q=1", b"", {"accept-encoding": "gzip, br"})),
    ({"auth": "ada:s:x"}, ("GET", "/p?q=1", b"", {"authorization": "Basic YWRhOnM6eA=="})),
    ({"headers": {"X-A": "é", "user-agent": ""}}, ("GET", "/p?q=1", b"", {"x-a": "é"})),
    ({"headers": {"x-n": 7, "x-none": None}}, ("GET", "/p?q=1", b"", {"x-n": "7", "x-none": None})),
]


@pytest.mark.parametrize(("options", "expected"), SENT, ids=lambda each: str(each)[:50])
async def test_a_request_is_sent(
    options: dict[str, Any], expected: tuple[str, str, bytes, dict[str, str | None]]
) -> None:
    """Data, content, types and fields (core:HTTP-4)."""
    answer = response("null" if options.get("data_type") == "json" else "ok")
    async with talking(lambda asked, writer: answer) as (client, server):
        result = await client.request(f"{server.url}/p?q=1#top", **options)
    asked = server.requests[0]
    method, target, body, fields = expected
    assert (result.status, asked.method, asked.target, asked.body) == (200, method, target, body)
    for name, value in fields.items():
        assert (asked.headers.get(name) or "")[: len(value or "")] == (value or "")
        assert (name in asked.headers) is (value is not None)
    assert "expect" not in asked.headers


async def test_a_user_of_the_url_is_basic_authentication() -> None:
    async with talking(lambda asked, writer: OK) as (client, server):
        result = await client.request(server.url.replace("//", "//ada:p%40ss@"))
    assert server.requests[0].headers["authorization"] == "Basic YWRhOnBAc3M="
    assert result.res.request_urls == [f"{server.url}/"]


async def test_a_user_of_the_url_without_a_password() -> None:
    """The password is empty, as curl has it: the colon is needed (RFC 7617)."""
    async with talking(lambda asked, writer: OK) as (client, server):
        await client.request(server.url.replace("//", "//ada@"))
    assert server.requests[0].headers["authorization"] == "Basic YWRhOg=="


async def test_connections_are_kept() -> None:
    async with talking(lambda asked, writer: OK) as (client, server):
        results = [await client.request(server.url) for _ in range(5)]
        await asyncio.gather(*(client.request(server.url) for _ in range(30)))
        await asyncio.gather(*(client.request(server.url) for _ in range(30)))
    assert [each.res.keep_alive_socket for each in results] == [False, *[True] * 4]
    assert server.connections <= 31


async def test_the_details_of_a_response() -> None:
    """A response has status, headers, data and res (core:HTTP-3)."""
    answer = response(b"abc", "404 Not Found", ("Set-Cookie: a=1", "Set-Cookie: b=2", "X-A:  v "))
    async with talking(lambda asked, writer: answer) as (client, server):
        result = await client.request(server.url, data_type="text")
    assert (result.status, result.data, result.headers["X-a"]) == (404, "abc", "v")
    assert result.headers.get_all("set-cookie") == ["a=1", "b=2"]
    res = result.res
    assert (res.status, res.size, res.http_version) == (404, 3, "1.1")
    assert res.remote_address == "127.0.0.1"
    timing = res.timing
    assert 0 < timing.connected <= timing.waiting <= timing.content_download <= res.rt + 0.01


TEXTS = [
    (b"\xe4", "text/plain; charset=latin-1", "ä"),
    ("ä".encode(), "text/plain", "ä"),
    ("ä".encode(), "text/plain; charset=unknown", "ä"),
]


@pytest.mark.parametrize(("body", "kind", "text"), TEXTS)
async def test_text_is_decoded(body: bytes, kind: str, text: str) -> None:
    answer = response(body, headers=(f"Content-Type: {kind}",))
    async with talking(lambda asked, writer: answer) as (client, server):
        assert (await client.request(server.url, data_type="text")).data == text


async def test_an_empty_json_body_is_none() -> None:
    async with talking(lambda asked, writer: response("", "204 No Content")) as (client, server):
        assert (await client.request(server.url, data_type="json")).data is None


@pytest.mark.parametrize("body", ["{", "NaN", "[" * 100_000, b"\xff\xfe\xfa", "1 2"])
async def test_json_that_cannot_be_read_is_an_error(body: str | bytes) -> None:
    """The error has status, headers and res (core:HTTP-3)."""
    answer = response(body, "502 Bad Gateway", ("X-A: 1",))
    async with talking(lambda asked, writer: answer) as (client, server):
        with pytest.raises(JSONResponseFormatError, match="status 502") as caught:
            await client.request(f"{server.url}/?token=abc", data_type="json")
    error = caught.value
    assert (error.status, error.headers["x-a"]) == (502, "1")
    assert error.res is not None
    assert error.res.status == 502
    assert "token" not in str(error)


async def test_files_are_sent_as_a_form(tmp_path: Path) -> None:
    path = tmp_path / 'a"b.txt'
    path.write_bytes(b"x" * 300_000)
    with path.open("rb") as file:
        async with talking(lambda asked, writer: OK) as (client, server):
            files = {"one": path, "two": b"bytes", "three": file}
            await client.request(server.url, data={"name": "Ada"}, files=files)
    asked = server.requests[0]
    assert asked.method == "POST"
    boundary = asked.headers["content-type"].partition("boundary=")[2]
    parts = asked.body.split(f"--{boundary}".encode())
    assert len(parts) == 6
    assert b'name="name"\r\n\r\nAda\r\n' in parts[1]
    assert b'name="one"; filename="a%22b.txt"\r\nContent-Type: text/plain' in parts[2]
    assert parts[2].endswith(b"x" * 300_000 + b"\r\n")
    assert b'name="two"; filename="two"' in parts[3]
    assert parts[4].endswith(b"x" * 300_000 + b"\r\n")


async def test_a_stream_is_sent_in_chunks() -> None:
    async def source() -> Any:
        for number in range(100):
            await asyncio.sleep(0)
            yield b"%d" % (number % 10) * 10_000

    async with talking(lambda asked, writer: response(str(len(asked.body)))) as (client, server):
        result = await client.request(server.url, method="PUT", stream=source())
        sized = await client.request(
            server.url, method="PUT", stream=[b"ab", b"c"], headers={"content-length": 3}
        )
    assert (result.data, sized.data) == (b"1000000", b"3")
    assert "chunked" in server.requests[0].headers["transfer-encoding"]
    assert server.requests[1].headers["content-length"] == "3"


async def test_an_error_of_a_stream_reaches_the_caller() -> None:
    async def source() -> Any:
        yield b"x"
        raise KeyError("lost")

    async with talking(lambda asked, writer: OK) as (client, server):
        with pytest.raises(KeyError, match="lost"):
            await client.request(server.url, method="POST", stream=source())


async def test_large_bytes_are_sent() -> None:
    async with talking(lambda asked, writer: response(str(len(asked.body)))) as (client, server):
        for _ in range(2):
            result = await client.request(server.url, method="POST", content=b"x" * 3_000_000)
            assert result.data == b"3000000"
    assert server.connections == 1


async def test_a_stream_is_read_while_it_arrives() -> None:
    go = asyncio.Event()

    async def slowly(asked: Asked, writer: Any) -> bytes:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        await go.wait()
        return b"def"

    async with talking(slowly) as (client, server):
        result = await client.request(server.url, data_type="stream")
        chunks: Any = result.data
        assert await anext(chunks) == b"abc"
        go.set()
        assert [chunk async for chunk in chunks] == [b"def"]


async def test_a_slow_reader_slows_the_server_down() -> None:
    sent = 0

    async def endless(asked: Asked, writer: Any) -> bytes:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n")
        while sent < 200_000_000:
            writer.write(b"x" * 100_000)
            sent += 100_000
            await writer.drain()
        return b""

    async with talking(endless) as (client, server):
        result = await client.request(server.url, data_type="stream")
        stream: Any = result.data
        size = len(await anext(stream))
        before = -1
        while before != sent:  # until the buffers of the kernel are full
            before = sent
            await asyncio.sleep(0.05)
        assert sent < 50_000_000
        while size < 60_000_000:
            size += len(await anext(stream))
        stream.close()


async def test_a_stream_that_is_not_used_any_more_is_closed() -> None:
    closed = asyncio.Event()

    async def endless(asked: Asked, writer: Any) -> bytes:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        try:
            while True:
                await asyncio.sleep(0.01)
                writer.write(b"")
                if writer.is_closing():
                    return b""
        finally:
            closed.set()

    async with talking(endless) as (client, server):
        result: Any = await client.request(server.url, data_type="stream")
        assert client._multi is not None
        assert client._multi.running == 1
        del result
        assert client._multi.running == 0


async def test_a_response_is_written_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        async with talking(lambda asked, writer: response(b"y" * 500_000)) as (client, server):
            result = await client.request(server.url, write_stream=file)
    assert (result.data, path.read_bytes()) == (None, b"y" * 500_000)


async def test_a_compressed_body_is_decompressed() -> None:
    """A body is decompressed in any case, a stream if `compressed` is set (core:HTTP-4)."""
    packed = gzip.compress(b"hello" * 1000)
    answer = response(packed, headers=("Content-Encoding: gzip",))
    async with talking(lambda asked, writer: answer) as (client, server):
        assert (await client.request(server.url)).data == b"hello" * 1000
        raw: Any = (await client.request(server.url, data_type="stream")).data
        assert await raw.read() == packed
        stream: Any = await client.request(server.url, data_type="stream", compressed=True)
        assert await stream.data.read() == b"hello" * 1000
    assert "accept-encoding" not in server.requests[0].headers


async def test_a_body_above_the_limit_is_an_error() -> None:
    config = HttpClientConfig(request=RequestDefaults(max_size=10))
    async with talking(lambda asked, writer: response(b"x" * 11), config) as (client, server):
        with pytest.raises(HttpClientSizeError, match="more than 10 bytes"):
            await client.request(server.url)
        assert (await client.request(server.url, max_size="1kb")).data == b"x" * 11


async def test_a_head_above_the_limit_is_an_error() -> None:
    answer = response("", headers=tuple(f"X-{n}: {'x' * 1000}" for n in range(80)))
    async with talking(lambda asked, writer: answer) as (client, server):
        with pytest.raises(HttpClientSizeError, match="65536 bytes"):
            await client.request(server.url)


async def test_a_refused_connection_is_an_error() -> None:
    async with talking(lambda asked, writer: OK) as (client, server):
        server_url = server.url
    async with talking(lambda asked, writer: OK) as (client, server):
        with pytest.raises(HttpClientRequestError, match="connecting") as caught:
            await client.request(f"{server_url}/secret")
    assert caught.value.status == -1
    assert str(caught.value).startswith(f"GET {server_url}: ")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 xyz\r\n\r\n"])
async def test_a_response_that_is_not_http_is_an_error(answer: bytes) -> None:
    async def respond(asked: Asked, writer: Any) -> bytes:
        writer.write(answer)
        return b""

    async with talking(respond) as (client, server):
        with pytest.raises(HttpClientRequestError):
            await client.request(server.url, method="POST")


@asynccontextmanager
async def unanswered() -> AsyncIterator[tuple[HttpClient, asyncio.Task[Any]]]:
    """Yields a client and its request, which has arrived and is never answered."""
    arrived = asyncio.Event()

    async def never(asked: Asked, writer: Any) -> bytes:
        arrived.set()
        await asyncio.Event().wait()
        return b""

    async with talking(never) as (client, server):
        task = asyncio.create_task(client.request(server.url))
        await arrived.wait()
        yield client, task


async def test_cancelling_closes_the_connection() -> None:
    async with unanswered() as (client, task):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert client._multi is not None
        assert client._multi.running == 0


async def test_a_closed_client_ends_its_requests() -> None:
    async with unanswered() as (client, task):
        await client.close()
        with pytest.raises(HttpClientRequestError, match="closed"):
            await task
        with pytest.raises(HttpClientRequestError, match="closed"):
            await client.request("http://127.0.0.1:1/")


async def test_the_events_of_a_client() -> None:
    """`request` may change the options; `response` has the result or the error (core:HTTP-6)."""
    events: list[Any] = []

    def change(event: RequestEvent) -> None:
        events.append(event)
        headers: Any = event.args["headers"]
        headers["x-span"] = str(event.request_id)

    async with talking(lambda asked, writer: OK) as (client, server):
        client.on("request", change)
        client.on("response", events.append)
        client.on("response", lambda event: 1 / 0)
        await client.request(server.url, tracer="mine")
        with pytest.raises(HttpClientRequestError):
            await client.request("http://127.0.0.1:1")
        client.off("request", change)
        await client.request(server.url)
    first, end, _, failed, _ = events
    assert server.requests[0].headers["x-span"] == "1"
    assert (first.request_id, first.args["tracer"], first.url) == (1, "mine", server.url)
    assert isinstance(end, ResponseEvent)
    assert (end.req, end.res.status, end.error) == (first, 200, None)
    assert isinstance(failed.error, HttpClientRequestError)


async def test_an_unknown_event_is_an_error() -> None:
    async with talking(lambda asked, writer: OK) as (client, _):
        with pytest.raises(Exception, match="did you mean 'request'"):
            client.on("requests", print)


async def test_a_request_has_a_trace() -> None:
    parent = f"00-{'a' * 32}-{'b' * 16}-00"

    class Ctx:
        traceparent = parent

    async with talking(lambda asked, writer: OK) as (client, server):
        await client.request(server.url)
        await client.request(server.url, ctx=Ctx())
        await client.request(server.url, headers={"traceparent": "own"})
    new, child, own = (asked.headers["traceparent"] for asked in server.requests)
    assert len(new) == 55
    assert child.startswith(f"00-{'a' * 32}-")
    assert child.endswith("-00")
    assert child != parent
    assert own == "own"


async def test_json_that_is_sent_is_compact() -> None:
    async with talking(lambda asked, writer: response(asked.body)) as (client, server):
        value = {"a": [1, {"b": None}]}
        result = await client.request(
            server.url, method="POST", data=value, content_type="json", data_type="json"
        )
    assert result.data == value
    assert server.requests[0].body == json.dumps(value, separators=(",", ":")).encode()


async def _later(response: object) -> bool:
    return False


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"datatype": "json"}, "did you mean 'data_type'"),
    ({"maxRedirects": 1}, "did you mean 'max_redirects'"),
    ({"json": 1}, "content_type='json'"),
    ({"data_type": "xml"}, "must be '', 'text', 'json' or 'stream', not 'xml'"),
    ({"timeout": 0}, "timeout must be above 0, not 0"),
    ({"timeout": (1, 0)}, "timeout must be above 0, not 0"),
    ({"connect_timeout": "0s"}, "connect_timeout must be above 0, not '0s'"),
    ({"timeout": 5000}, "timeout=5000 has no effect, as total_timeout ends the request after"),
    ({"timeout": 3, "total_timeout": 2}, "timeout=3 has no effect, as total_timeout ends the"),
    ({"retry_delay": 1}, "retry_delay has no effect without retry"),
    ({"is_retry": bool}, "is_retry has no effect without retry"),
    ({"content_type": "json"}, "content_type has no effect without"),
    ({"content": b"", "data": {}, "method": "POST"}, "content and data cannot be combined"),
    ({"content": b""}, "content has no effect with GET"),
    ({"data": {}, "content_type": "json"}, "content_type has no effect with GET"),
    ({"follow_redirect": False, "max_redirects": 3}, "max_redirects has no effect"),
    ({"stream": [b""], "method": "POST", "retry": 1}, "retry has no effect with stream"),
    ({"auth": "a:b", "digest_auth": "a:b"}, "cannot be combined"),
    ({"headers": {"x": "a\r\nb: c"}}, "x has a control character"),
    ({"headers": {"x\n": "a"}}, "not a valid field name"),
    *(
        ({"method": "POST", "content_type": f"text/plain{end}", **body}, "content_type: ")
        for end in ("\r\nX: y", "\n", "\0", "\u2028")
        for body in ({"data": "x"}, {"content": b"x"}, {"stream": [b"x"]})
    ),
    ({"headers": {"Content-Length": "3"}}, "set by the client itself"),
    ({"headers": {"x": True}}, "must be text, not bool"),
    ({"method": "GTE"}, "method: 'GTE' is not supported"),
    ({"timeout": "soon"}, "timeout must be "),
    ({"timeout": [1]}, "one or two durations"),
    ({"timeout": -1}, "timeout must be "),
    ({"max_size": "big"}, "max_size must be "),
    ({"retry": -1}, "retry must be a whole number"),
    ({"retry": 1, "is_retry": 5}, "is_retry is not a function: int"),
    ({"retry": 1, "is_retry": lambda: True}, "is_retry: too many positional arguments"),
    ({"retry": 1, "is_retry": _later}, "is_retry is async (define it: def is_retry(response))"),
    ({"compressed": 1}, "compressed must be True or False"),
    ({"data": 7, "method": "POST"}, "data must be a mapping"),
    ({"data": {"a": {}}, "method": "POST"}, "nested_querystring=True"),
    ({"data": {1, 2}, "method": "POST", "content_type": "json"}, "cannot be written as JSON"),
    ({"data": float("nan"), "method": "POST", "content_type": "json"}, "cannot be written"),
    ({"files": "/does/not/exist"}, "is not a file"),
    ({"files": []}, "files is empty"),
    ({"stream": "text", "method": "POST"}, "stream must be an iterable of bytes"),
    ({"proxy": 7}, "proxy must be text"),
    ({"proxy": "proxy:3128"}, "proxy is not the URL of a proxy (http://HOST:PORT"),
    ({"proxy": "http://a\r\nb:1"}, "proxy is not the URL of a proxy"),
    ({"auth": "ada"}, "auth must be 'USER:PASSWORD'"),
    ({"digest_auth": "ada\r\nX: y:pw"}, "digest_auth must be 'USER:PASSWORD' without control"),
    ({"socket_path": "run/docker.sock"}, "socket_path must be an absolute path"),
    ({"socket_path": "/run/\0"}, "socket_path must be an absolute path"),
]


@pytest.mark.parametrize(("options", "text"), WRONG, ids=lambda each: str(each)[:40])
async def test_a_wrong_option_is_an_error(options: dict[str, Any], text: str) -> None:
    """A field cannot change the request around it (known:KW-36)."""
    async with talking(lambda asked, writer: OK) as (client, server):
        with pytest.raises(ArgumentError) as caught:
            await client.request(server.url, **options)
    assert text in str(caught.value)
    assert server.connections == 0
