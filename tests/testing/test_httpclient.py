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
from eggd.testing.httpclient import Reply

URL = "http://bank.example/rates"
Mock = Callable[..., Any]


async def fetch(url: str = URL, **how: Any) -> tuple[int, bytes]:
    answer = await AsyncHTTPClient().fetch(url, raise_error=False, **how)
    return answer.code, answer.body


ANSWERS: list[tuple[object, tuple[int, bytes]]] = [
    ("text", (200, b"text")),
    (b"bytes", (200, b"bytes")),
    ({"a": 1}, (200, b'{"a": 1}')),
    (Reply(data=[1], status=503), (503, b"[1]")),
    (lambda request: f"{request.method} {request.url}", (200, f"GET {URL}".encode())),
    (lambda request: Reply(status=404), (404, b"")),
]


@pytest.mark.parametrize(("answer", "got"), ANSWERS)
def test_a_url_is_answered(
    run: Mock, mock_httpclient: Mock, answer: object, got: tuple[int, bytes]
) -> None:
    # core:MOCK-8
    mock_httpclient(URL, answer)
    assert run(fetch()) == got


MATCHES: list[tuple[Any, Any, dict[str, Any], bool]] = [
    (URL, "*", {"url": f"{URL}?day=1"}, True),
    (f"{URL}?day=1", "*", {"url": f"{URL}?day=2"}, False),
    (URL, "*", {"url": f"{URL}/more"}, False),
    (re.compile("/rates/[0-9]+$"), "*", {"url": f"{URL}/12"}, True),
    (URL, "post", {"method": "POST", "body": b""}, True),
    (URL, ["GET", "PUT"], {"method": "POST", "body": b""}, False),
]


@pytest.mark.parametrize(("url", "method", "how", "found"), MATCHES)
def test_url_and_method_must_match(
    run: Mock, mock_httpclient: Mock, url: Any, method: Any, how: dict[str, Any], found: bool
) -> None:
    """A text matches with any query unless it has one (core:MOCK-8)."""
    mock_httpclient(url, "first", method=method)
    mock_httpclient(re.compile("."), "second")
    assert run(fetch(**how))[1] == (b"first" if found else b"second")


def test_the_first_that_matches_wins_as_often_as_it_may(run: Mock, mock_httpclient: Mock) -> None:
    """Repeats, else for ever (core:MOCK-8)."""
    mock_httpclient(URL, "twice", repeats=2)
    mock_httpclient(URL, "always")
    got = [run(fetch())[1] for _ in range(4)]
    assert got == [b"twice", b"twice", b"always", b"always"]


def test_the_client_handles_mocked_responses_as_real_ones(run: Mock, mock_httpclient: Mock) -> None:
    """Header fields, errors, streams and time limits are the client's own (core:MOCK-8)."""
    mock_httpclient(URL, Reply(data="no", status=403, headers={"X-A": "1"}), repeats=1)
    with pytest.raises(HTTPClientError, match="403") as info:
        run(_raised())
    assert info.value.response is not None
    assert info.value.response.headers["x-a"] == "1"
    mock_httpclient(URL, Reply(delay=60.0), method="PUT")
    with pytest.raises(HTTPTimeoutError, match="Timeout during request"):
        run(fetch(method="PUT", body=b"", request_timeout=0.01))
    mock_httpclient(URL, "piece")
    pieces: list[bytes] = []
    assert run(fetch(streaming_callback=pieces.append)) == (200, b"")
    assert pieces == [b"piece"]


async def _raised() -> None:
    await AsyncHTTPClient().fetch(HTTPRequest(URL))


@pytest.mark.parametrize("answer", [7, None, Reply(data=object())])
def test_content_must_be_content(mock_httpclient: Mock, answer: object) -> None:
    # core:MOCK-8
    with pytest.raises(EggError, match=r"^the answer must be bytes, text, a dict or a list"):
        mock_httpclient(URL, answer)


def test_an_unmatched_url_goes_out(client: Client, running_app: Any, mock_httpclient: Mock) -> None:
    """Here, to the app itself on its real socket (core:MOCK-8)."""
    mock_httpclient(URL, "mocked")
    for url, text in ((URL, "mocked"), (running_app.url, "hi, egg")):
        assert client.get("/fetch", query={"url": url}).json()["text"] == text


def test_it_ends_with_the_test(mocks: Any, mock_httpclient: Mock) -> None:
    # core:MOCK-8, MOCK-10
    client: Any = AsyncHTTPClient.configured_class()
    mocked = client.fetch_impl
    mocks.restore()
    assert client.fetch_impl is not mocked
    assert client.fetch_impl.__qualname__ == "SimpleAsyncHTTPClient.fetch_impl"
