"""Redirects and retries."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from eggd.httpclient.errors import (
    HttpClientRedirectError,
    HttpClientRequestError,
    HttpClientUrlError,
)
from tests.httpclient.server import Asked, Server, redirect, response, serving, talking

STATUSES = ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]


@pytest.mark.parametrize("status", STATUSES)
async def test_a_redirect_repeats_the_request(status: str) -> None:
    """The same method, body and fields; the URLs are in res (core:HTTP-4)."""

    def respond(asked: Asked, writer: Any) -> bytes:
        return response("end") if asked.target == "/b" else redirect("/b", status)

    async with talking(respond) as (client, server):
        result = await client.request(
            f"{server.url}/a", method="POST", data={"x": 1}, headers={"cookie": "a=1"}
        )
    assert result.data == b"end"
    assert result.res.request_urls == [f"{server.url}/a", f"{server.url}/b"]
    first, second = server.requests
    assert (second.method, second.body, second.headers) == ("POST", b"x=1", first.headers)
    assert server.connections == 1


async def test_another_origin_gets_no_credentials() -> None:
    """Cookies, tokens and keys stay with the origin that they were given for."""
    fields = {"authorization": "Bearer x", "cookie": "a=1", "x-api-key": "k", "x-other": "o"}
    other: Server

    def respond(asked: Asked, writer: Any) -> bytes:
        return redirect(f"{other.url}/there")

    def bounce(asked: Asked, writer: Any) -> bytes:
        return response("end") if asked.target == "/end" else redirect("/end")

    async with serving(bounce) as other, talking(respond) as (client, server):
        await client.request(server.url, headers=fields)
        await client.request(server.url, auth="ada:pw")
    assert server.requests[0].headers["authorization"] == "Bearer x"
    for asked in other.requests:
        assert not asked.headers.keys() & {"authorization", "cookie", "x-api-key"}
    assert [asked.headers.get("x-other") for asked in other.requests] == ["o", "o", None, None]


async def test_redirects_can_be_left_to_the_caller() -> None:
    async with talking(lambda asked, writer: redirect("/b")) as (client, server):
        result = await client.request(server.url, follow_redirect=False)
    assert (result.status, result.headers["location"], result.data) == (302, "/b", b"moved")


async def test_too_many_redirects_are_an_error() -> None:
    """Ten by default (core:HTTP-4)."""
    async with talking(lambda asked, writer: redirect("/again")) as (client, server):
        with pytest.raises(HttpClientRedirectError, match="more than 10 times") as caught:
            await client.request(server.url)
        with pytest.raises(HttpClientRedirectError, match="more than 2 times"):
            await client.request(server.url, max_redirects=2)
    assert len(server.requests) == 11 + 3
    assert caught.value.res is not None
    assert len(caught.value.res.request_urls) == 11


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://[bad", "http://a b/"])
async def test_a_location_that_cannot_be_requested(location: str) -> None:
    """The error names the origin that sent it (known:KW-36)."""
    async with talking(lambda asked, writer: redirect(location)) as (client, server):
        with pytest.raises(HttpClientUrlError, match=f"GET {server.url}: a Location"):
            await client.request(server.url)


async def test_a_streamed_body_is_sent_once() -> None:
    async with talking(lambda asked, writer: redirect("/b")) as (client, server):
        result = await client.request(server.url, method="POST", stream=[b"a"])
    assert (result.status, len(server.requests)) == (302, 1)


async def test_a_streamed_response_follows_redirects() -> None:
    def respond(asked: Asked, writer: Any) -> bytes:
        return response("end") if asked.target == "/b" else redirect("/b")

    async with talking(respond) as (client, server):
        result: Any = await client.request(server.url, data_type="stream")
        assert await result.data.read() == b"end"


async def test_a_server_error_is_retried() -> None:
    """With a field that counts (core:HTTP-4)."""

    def respond(asked: Asked, writer: Any) -> bytes:
        return response("", "503 Busy") if len(server.requests) < 3 else response("ok")

    async with talking(respond) as (client, server):
        result = await client.request(server.url, retry=5, retry_delay="1ms")
    assert (result.status, result.res.retries) == (200, 2)
    marks = [asked.headers.get("x-urllib-retry") for asked in server.requests]
    assert marks == [None, "1/5", "2/5"]


async def test_the_last_response_of_retries_is_returned() -> None:
    async with talking(lambda asked, writer: response("", "500 Oops")) as (client, server):
        result = await client.request(server.url, retry=2)
        assert (result.status, len(server.requests)) == (500, 3)
        result = await client.request(server.url)
        assert (result.status, len(server.requests)) == (500, 4)


async def test_a_function_decides_about_retries() -> None:
    async with talking(lambda asked, writer: response("wait")) as (client, server):
        await client.request(server.url, retry=3, is_retry=lambda result: result.data == b"wait")
    assert len(server.requests) == 4


async def test_a_lost_connection_is_retried_once() -> None:
    """Only for idempotent methods, with a field that counts (core:HTTP-4)."""

    def respond(asked: Asked, writer: Any) -> bytes:
        lost = asked.method == "POST" or len(server.requests) == 1
        return b"" if lost else response("ok")

    async with talking(respond) as (client, server):
        result = await client.request(server.url)
        assert (result.status, result.res.socket_error_retries) == (200, 1)
        mark = server.requests[1].headers["x-urllib-retry-on-socket-error"]
        assert mark == "1/1"
        with pytest.raises(HttpClientRequestError):
            await client.request(server.url, method="POST")
        # libcurl repeats a request itself if a kept connection ends without a byte.
        assert [asked.method for asked in server.requests] == ["GET", "GET", "POST", "POST"]


async def test_a_lost_connection_is_an_error_after_the_retry() -> None:
    async with talking(lambda asked, writer: b"") as (client, server):
        with pytest.raises(HttpClientRequestError, match="waiting for the head"):
            await client.request(server.url)
        assert len(server.requests) == 2
        with pytest.raises(HttpClientRequestError):
            await client.request(server.url, socket_error_retry=0)
    assert len(server.requests) == 3


async def test_a_connection_that_was_closed_while_idle_is_no_error() -> None:
    """Every second request finds its connection closed, of any method (egg#2266)."""

    async def respond(asked: Asked, writer: Any) -> bytes:
        asyncio.get_running_loop().call_later(0.02, writer.close)
        return response("ok")

    async with talking(respond) as (client, server):
        for size in (0, 10, 300_000):
            for _ in range(3):
                result = await client.request(server.url, method="POST", content=b"x" * size)
                assert result.status == 200
                await asyncio.sleep(0.05)  # the server closes meanwhile
