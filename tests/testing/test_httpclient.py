"""Mocked responses to Tornado's client."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPTimeoutError

from eggd.errors import EggError
from eggd.testing.client import Client
from eggd.testing.httpclient import MockResponse

URL = "http://bank.example/rates"
Function = Callable[..., Any]


async def fetch(url: str = URL, **options: Any) -> tuple[int, bytes]:
    response = await AsyncHTTPClient().fetch(url, raise_error=False, **options)
    return response.code, response.body


RESPONSES: list[tuple[object, tuple[int, bytes]]] = [
    ("text", (200, b"text")),
    (b"bytes", (200, b"bytes")),
    ({"a": 1}, (200, b'{"a": 1}')),
    (MockResponse(data=[1], status=503), (503, b"[1]")),
    (lambda request: f"{request.method} {request.url}", (200, f"GET {URL}".encode())),
    (lambda request: MockResponse(status=404), (404, b"")),
]


@pytest.mark.parametrize(("response", "expected"), RESPONSES)
def test_a_url_gets_its_response(
    run: Function, mock_httpclient: Function, response: object, expected: tuple[int, bytes]
) -> None:
    # core:MOCK-8
    mock_httpclient(URL, response)
    assert run(fetch()) == expected


MATCHES: list[tuple[Any, Any, dict[str, Any], bool]] = [
    (URL, "*", {"url": f"{URL}?day=1"}, True),
    (f"{URL}?day=1", "*", {"url": f"{URL}?day=2"}, False),
    (URL, "*", {"url": f"{URL}/more"}, False),
    (re.compile("/rates/[0-9]+$"), "*", {"url": f"{URL}/12"}, True),
    (URL, "post", {"method": "POST", "body": b""}, True),
    (URL, ["GET", "PUT"], {"method": "POST", "body": b""}, False),
]


@pytest.mark.parametrize(("url", "method", "options", "matches"), MATCHES)
def test_url_and_method_must_match(
    run: Function,
    mock_httpclient: Function,
    url: Any,
    method: Any,
    options: dict[str, Any],
    matches: bool,
) -> None:
    """A URL without a query matches requests with any query, one with a query only its own
    (core:MOCK-8).
    """
    mock_httpclient(url, "first", method=method)
    mock_httpclient(re.compile("."), "second")
    assert run(fetch(**options))[1] == (b"first" if matches else b"second")


def test_the_first_matching_mock_answers_until_its_repeats_are_used_up(
    run: Function, mock_httpclient: Function
) -> None:
    """A mock answers `repeats` requests, or all requests without it (core:MOCK-8)."""
    mock_httpclient(URL, "twice", repeats=2)
    mock_httpclient(URL, "always")
    bodies = [run(fetch())[1] for _ in range(4)]
    assert bodies == [b"twice", b"twice", b"always", b"always"]


def test_the_client_handles_mocked_responses_as_real_ones(
    run: Function, mock_httpclient: Function
) -> None:
    """Header fields, errors, streaming and timeouts work as usual (core:MOCK-8)."""
    mock_httpclient(URL, MockResponse(data="no", status=403, headers={"X-A": "1"}), repeats=1)
    with pytest.raises(HTTPClientError, match="403") as info:
        run(_raised())
    assert info.value.response is not None
    assert info.value.response.headers["x-a"] == "1"
    mock_httpclient(URL, MockResponse(delay=60.0), method="PUT")
    with pytest.raises(HTTPTimeoutError, match="Timeout during request"):
        run(fetch(method="PUT", body=b"", request_timeout=0.01))
    mock_httpclient(URL, "piece")
    pieces: list[bytes] = []
    assert run(fetch(streaming_callback=pieces.append)) == (200, b"")
    assert pieces == [b"piece"]


async def _raised() -> None:
    await AsyncHTTPClient().fetch(HTTPRequest(URL))


@pytest.mark.parametrize("response", [7, None, MockResponse(data=object())])
def test_a_response_of_another_type_is_rejected(
    mock_httpclient: Function, response: object
) -> None:
    # core:MOCK-8
    with pytest.raises(EggError, match=r"^the response must be bytes, text, a dict or a list"):
        mock_httpclient(URL, response)


def test_an_unmatched_request_is_sent(
    client: Client, running_app: Any, mock_httpclient: Function
) -> None:
    """In this test, to the app itself over a real socket (core:MOCK-8)."""
    mock_httpclient(URL, "mocked")
    for url, text in ((URL, "mocked"), (running_app.url, "hi, egg")):
        assert client.get("/fetch", query={"url": url}).json()["text"] == text


def test_mocks_are_removed_after_the_test(mocks: Any, mock_httpclient: Function) -> None:
    # core:MOCK-8, MOCK-10
    client: Any = AsyncHTTPClient.configured_class()
    mocked = client.fetch_impl
    mocks.restore()
    assert client.fetch_impl is not mocked
    assert client.fetch_impl.__qualname__ == "SimpleAsyncHTTPClient.fetch_impl"
