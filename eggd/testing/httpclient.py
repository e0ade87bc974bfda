"""Mocks the responses to `ctx.curl` and to Tornado's HTTP client during a test (core:MOCK-8).

Only the network is replaced: a client handles status, header fields and timeouts as always. A
request without a matching mock is sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders
from tornado.simple_httpclient import HTTPTimeoutError

from eggd.errors import ArgumentError
from eggd.httpclient.client import HttpClient as CurlClient
from eggd.httpclient.client import ReceivedResponse
from eggd.httpclient.outgoing import Outgoing
from eggd.testing.arguments import check_kind
from eggd.testing.curl_mocks import MockedRequest, MockedResponse, delayed

__tracebackhide__ = True  # pytest shows the line of the test instead

Done = Callable[[HTTPResponse], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class MockResponse:
    """A mocked response."""

    data: object = b""
    """Its content: `bytes`, `str`, or a dict or list, which become JSON."""
    status: int = 200
    """Its status."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Its header fields."""
    delay: float = 0.0
    """Seconds until it arrives; the request's own timeout applies."""

    def content(self) -> bytes:
        """Returns its content; raises ArgumentError unless it is bytes, text, a dict or a list."""
        if isinstance(self.data, bytes):
            return self.data
        if isinstance(self.data, str):
            return self.data.encode()
        if isinstance(self.data, dict | list):
            return json.dumps(self.data).encode()
        raise ArgumentError(
            f"the response must be bytes, text, a dict or a list, not {self.data!r}"
        )


Request = HTTPRequest | MockedRequest
Response = object | MockResponse | Callable[[Request], object | MockResponse]
"""A mocked response, its content, or a function of the request that returns one of them."""


@dataclass(slots=True)
class _Mock:
    url: str | re.Pattern[str]
    response: Response
    methods: frozenset[str]
    left: int | None
    """The number of remaining responses; None: unlimited."""

    def matches(self, request: Request) -> bool:
        if self.left == 0 or not {"*", request.method} & self.methods:
            return False
        if isinstance(self.url, re.Pattern):
            return self.url.search(request.url) is not None
        return self.url in (request.url, request.url.partition("?")[0])

    def respond(self, request: Request) -> MockResponse:
        if self.left is not None:
            self.left -= 1
        response = self.response(request) if callable(self.response) else self.response
        return _as_mock_response(response)


class HttpClient:
    """The mocks of one test in order of creation; the first that matches is used."""

    def __init__(self, patches: pytest.MonkeyPatch) -> None:
        self._mocks: list[_Mock] = []
        cls = AsyncHTTPClient.configured_class()
        network = getattr(cls, "fetch_impl")  # noqa: B009  # the configured class has it

        def fetch_impl(client: AsyncHTTPClient, request: HTTPRequest, done: Done) -> None:
            mock = self._matching(request)
            if mock is None:
                network(client, request, done)
            else:
                _respond(client, request, mock.respond(request), done)

        patches.setattr(cls, "fetch_impl", fetch_impl)
        self._patch_curl(patches)

    def _patch_curl(self, patches: pytest.MonkeyPatch) -> None:
        network = CurlClient.perform

        async def perform(client: CurlClient, outgoing: Outgoing) -> ReceivedResponse:
            request = MockedRequest(outgoing)
            mock = self._matching(request)
            if mock is None:
                return await network(client, outgoing)
            mocked = mock.respond(request)
            await delayed(outgoing, mocked.delay)
            return MockedResponse(mocked.status, mocked.headers, mocked.content())

        patches.setattr(CurlClient, "perform", perform)

    def _matching(self, request: Request) -> _Mock | None:
        return next((mock for mock in self._mocks if mock.matches(request)), None)

    def mock(
        self,
        url: str | re.Pattern[str],
        response: Response = b"",
        *,
        method: str | list[str] = "*",
        repeats: int | None = None,
    ) -> None:
        """Answers requests whose URL matches. A URL without a query matches any query.

        `method` is one, several or "*"; `repeats` limits the number of responses. Raises
        ArgumentError.
        """
        check_kind("url", url, (str, re.Pattern), "text or a compiled pattern")
        check_kind("method", method, (str, list), "a method or a list of them")
        if repeats is not None:
            check_kind("repeats", repeats, int, "a number")
        if not callable(response):
            _as_mock_response(response).content()
        methods = [method] if isinstance(method, str) else method
        known = frozenset(each.upper() for each in methods)
        self._mocks.append(_Mock(url, response, known, repeats))


def _as_mock_response(response: object) -> MockResponse:
    return response if isinstance(response, MockResponse) else MockResponse(data=response)


def _respond(
    client: AsyncHTTPClient, request: HTTPRequest, mocked: MockResponse, done: Done
) -> None:
    limit = request.request_timeout
    if limit and mocked.delay >= limit:
        error = HTTPTimeoutError("Timeout during request")
        late = HTTPResponse(request, 599, error=error, request_time=limit)
        client.io_loop.call_later(limit, done, late)
        return
    content = mocked.content()
    if request.streaming_callback is not None:
        client.io_loop.add_callback(request.streaming_callback, content)
        content = b""
    response = HTTPResponse(
        request,
        mocked.status,
        headers=HTTPHeaders(dict(mocked.headers)),
        buffer=BytesIO(content),
        request_time=mocked.delay,
    )
    client.io_loop.call_later(mocked.delay, done, response)
