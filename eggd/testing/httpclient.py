"""Mocks the responses to Tornado's HTTP client during a test (core:MOCK-8).

Only the network is replaced: the client handles status, header fields and timeouts as always. A
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
from eggd.testing.arguments import check_kind

__tracebackhide__ = True  # pytest shows the line of the test instead

Done = Callable[[HTTPResponse], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
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
        raise ArgumentError(f"the answer must be bytes, text, a dict or a list, not {self.data!r}")


Answer = object | Reply | Callable[[HTTPRequest], object | Reply]
"""A reply, its content, or a function of the request that returns one of them."""


@dataclass(slots=True)
class _Mock:
    url: str | re.Pattern[str]
    answer: Answer
    methods: frozenset[str]
    left: int | None
    """The number of remaining answers; None: unlimited."""

    def matches(self, request: HTTPRequest) -> bool:
        if self.left == 0 or not {"*", request.method} & self.methods:
            return False
        if isinstance(self.url, re.Pattern):
            return self.url.search(request.url) is not None
        return self.url in (request.url, request.url.partition("?")[0])

    def reply(self, request: HTTPRequest) -> Reply:
        if self.left is not None:
            self.left -= 1
        answer = self.answer(request) if callable(self.answer) else self.answer
        return answer if isinstance(answer, Reply) else Reply(data=answer)


class HttpClient:
    """The mocks of one test in order of creation; the first that matches answers."""

    def __init__(self, patches: pytest.MonkeyPatch) -> None:
        self._mocks: list[_Mock] = []
        cls = AsyncHTTPClient.configured_class()
        network = getattr(cls, "fetch_impl")  # noqa: B009  # the configured class has it

        def fetch_impl(client: AsyncHTTPClient, request: HTTPRequest, done: Done) -> None:
            mock = next((mock for mock in self._mocks if mock.matches(request)), None)
            if mock is None:
                network(client, request, done)
            else:
                _answer(client, request, mock.reply(request), done)

        patches.setattr(cls, "fetch_impl", fetch_impl)

    def mock(
        self,
        url: str | re.Pattern[str],
        answer: Answer = b"",
        *,
        method: str | list[str] = "*",
        repeats: int | None = None,
    ) -> None:
        """Answers requests for a URL, with any query unless it has one, or matching a pattern.

        `method` is one, several or "*"; `repeats` limits the number of answers. Raises
        ArgumentError.
        """
        check_kind("url", url, (str, re.Pattern), "text or a compiled pattern")
        check_kind("method", method, (str, list), "a method or a list of them")
        if repeats is not None:
            check_kind("repeats", repeats, int, "a number")
        if not callable(answer):
            (answer if isinstance(answer, Reply) else Reply(data=answer)).content()
        methods = [method] if isinstance(method, str) else method
        known = frozenset(each.upper() for each in methods)
        self._mocks.append(_Mock(url, answer, known, repeats))


def _answer(client: AsyncHTTPClient, request: HTTPRequest, reply: Reply, done: Done) -> None:
    limit = request.request_timeout
    if limit and reply.delay >= limit:
        error = HTTPTimeoutError("Timeout during request")
        late = HTTPResponse(request, 599, error=error, request_time=limit)
        client.io_loop.call_later(limit, done, late)
        return
    content = reply.content()
    if request.streaming_callback is not None:
        client.io_loop.add_callback(request.streaming_callback, content)
        content = b""
    response = HTTPResponse(
        request,
        reply.status,
        headers=HTTPHeaders(dict(reply.headers)),
        buffer=BytesIO(content),
        request_time=reply.delay,
    )
    client.io_loop.call_later(reply.delay, done, response)
