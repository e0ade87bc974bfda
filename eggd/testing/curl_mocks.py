"""The response of a mock in place of the one that eggd's HTTP client would receive."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from eggd.httpclient.details import Timing
from eggd.httpclient.errors import HttpClientRequestTimeoutError
from eggd.httpclient.headers import ResponseHeaders
from eggd.httpclient.outgoing import Outgoing


class MockedRequest:
    """A request of `ctx.curl`, as the function of a mock gets it."""

    def __init__(self, outgoing: Outgoing) -> None:
        self.method = outgoing.method
        self.url = outgoing.url.text
        self.headers: Mapping[str, str] = outgoing.fields
        body = outgoing.body
        self.body: bytes | None = None if body is None else body.data
        """The body; b"" if it is streamed."""


class MockedResponse:
    """A response without a network: the members that a client reads."""

    timing = Timing()
    remote_address = ""
    reused = False
    version = "1.1"

    def __init__(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.status = status
        self.headers = ResponseHeaders(headers.items())
        self.size = len(content)
        self._content = content

    def content(self) -> bytes:
        """Returns the body."""
        return self._content

    async def next_chunk(self) -> bytes:
        """Returns the body at once, then b""."""
        chunk, self._content = self._content, b""
        return chunk

    def abort(self) -> None:
        """Does nothing."""


async def delayed(outgoing: Outgoing, delay: float) -> None:
    """Waits for a mocked response; raises HttpClientRequestTimeoutError at the request's limit."""
    limit = outgoing.limits.head
    await asyncio.sleep(min(delay, limit))
    if delay >= limit:
        raise HttpClientRequestTimeoutError(
            outgoing.subject, limit, "waiting for the head of the response"
        )
