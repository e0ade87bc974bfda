"""Mocked responses to `app.curl`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from eggd.errors import EggError
from eggd.httpclient.errors import HttpClientRequestTimeoutError, JSONResponseFormatError
from eggd.testing.httpclient import MockResponse
from eggd.testing.running_app import RunningApp

URL = "http://bank.example/rates"
Function = Callable[..., Any]


@pytest.fixture
def curl(running_app: RunningApp, run: Function) -> Function:
    """Returns `curl(**options)`: the response to a request of the app."""
    return lambda url=URL, **options: run(running_app.app.curl(url, **options))


RESPONSES: list[tuple[object, dict[str, Any], tuple[int, object]]] = [
    ("text", {"data_type": "text"}, (200, "text")),
    ({"a": 1}, {"data_type": "json"}, (200, {"a": 1})),
    (MockResponse(data=[1], status=503), {"data_type": "json"}, (503, [1])),
    (lambda request: f"{request.method} {request.url}", {}, (200, f"GET {URL}".encode())),
    (
        lambda request: request.body,
        {"method": "POST", "data": {"a": 1}, "content_type": "json"},
        (200, b'{"a":1}'),
    ),
    (lambda request: request.headers["x-a"], {"headers": {"X-A": "1"}}, (200, b"1")),
]


@pytest.mark.parametrize(("response", "options", "expected"), RESPONSES)
def test_a_url_gets_its_response(
    curl: Function,
    mock_httpclient: Function,
    response: object,
    options: dict[str, Any],
    expected: tuple[int, object],
) -> None:
    """Only the network is replaced: the data is decoded as always (core:MOCK-8)."""
    mock_httpclient(re.compile("/rates"), response)
    result = curl(**options)
    assert (result.status, result.data) == expected


def test_redirects_and_retries_are_those_of_the_client(
    curl: Function, mock_httpclient: Function
) -> None:
    mock_httpclient(URL, MockResponse(status=302, headers={"Location": "/b"}), repeats=1)
    mock_httpclient("http://bank.example/b", MockResponse(status=500), repeats=1)
    mock_httpclient(re.compile("."), "end")
    result = curl(retry=1)
    assert (result.data, result.res.retries) == (b"end", 1)


def test_a_late_response_exceeds_the_limit(curl: Function, mock_httpclient: Function) -> None:
    mock_httpclient(URL, MockResponse(delay=9.0))
    with pytest.raises(HttpClientRequestTimeoutError, match="for 10 ms"):
        curl(timeout=0.01)


def test_a_stream_is_mocked(
    running_app: RunningApp, run: Function, mock_httpclient: Function
) -> None:
    mock_httpclient(URL, "abc")

    async def read() -> object:
        response: Any = await running_app.app.curl(URL, data_type="stream")
        return await response.data.read()

    assert run(read()) == b"abc"


def test_wrong_data_and_options_are_errors(curl: Function, mock_httpclient: Function) -> None:
    mock_httpclient(URL, "{")
    with pytest.raises(JSONResponseFormatError):
        curl(data_type="json")
    with pytest.raises(EggError, match="did you mean 'timeout'"):
        curl(timout=1)
