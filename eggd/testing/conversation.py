# pyright: reportAttributeAccessIssue=false
"""The client's end of one connection: a request goes out, its answer is read as it comes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

import httptools

from eggd.http.connection import Connection
from eggd.http.shared import Shared
from eggd.testing.response import Fields
from eggd.testing.transport import MemoryTransport

PEER = ("127.0.0.1", 40000)
"""Where every request comes from."""


class Conversation:
    """One request on a connection of its own; everything here runs on the app's loop."""

    def __init__(self, shared: Shared, request: str) -> None:
        """Connects; `request` is "METHOD path", for errors."""
        self.status = 0
        """The answer's status once `ask` has returned."""
        self._request = request
        self._lines: list[tuple[str, str]] = []
        self._chunks: deque[bytes] = deque()
        self._error = ""
        self._head = self._complete = False
        self._changed = asyncio.Event()
        self._parser = httptools.HttpResponseParser(self)
        self._context = shared.context.copy()
        loop = asyncio.get_running_loop()
        self._transport = MemoryTransport(self._take, PEER)
        self._transport.connect(Connection(shared, loop))

    async def ask(self, data: bytes) -> None:
        """Sends the request and waits for the answer's head. Raises ConnectionError without one."""
        # From the loop and not from a task, as a socket's bytes come: so a handler starts at once.
        asyncio.get_running_loop().call_soon(self._transport.send, data, context=self._context)
        await self._until_head()

    @property
    def headers(self) -> Fields:
        """The answer's header fields."""
        return Fields(self._lines)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yields the content piece by piece; ConnectionError where it ends too early."""
        while True:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._transport.read(len(chunk))
                yield chunk
            if self._complete:
                return
            await self._news()

    def close(self) -> None:
        """Goes away; the server learns of it as of any client's."""
        self._transport.close()

    async def leave(self) -> None:
        """Goes away, and let the server notice before this returns."""
        self._transport.close()
        await asyncio.sleep(0)

    async def _until_head(self) -> None:
        while not self._head:
            await self._news()

    async def _news(self) -> None:
        if self._error:
            raise ConnectionError(f"{self._request}: {self._error}")
        self._changed.clear()
        await self._changed.wait()

    def _take(self, data: bytes) -> None:
        try:
            if data:
                self._parser.feed_data(data)
            elif not self._complete:
                self._ended()
        except httptools.HttpParserUpgrade:
            self._complete = True
        except httptools.HttpParserError as exc:
            self._error = f"the answer is no HTTP: {exc}"
        self._changed.set()

    def _ended(self) -> None:
        """Notes an end that is too early: eggd never ends an answer of HTTP/1.1 by closing."""
        where = "in the middle of its answer" if self._head else "without an answer"
        self._error = f"the server closed the connection {where}"

    # What httptools calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keeps a field; those behind a chunked body count as well."""
        self._lines.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Forgets an interim answer; one to HEAD has no content whatever its fields say."""
        self.status = self._parser.get_status_code()
        if 100 <= self.status < 200 and self.status != 101:
            self._lines.clear()
            return
        self._head = True
        self._complete = self._request.startswith("HEAD ")

    def on_body(self, data: bytes) -> None:
        """Keeps a piece of the content."""
        self._chunks.append(data)

    def on_message_complete(self) -> None:
        """Notes that all is there."""
        self._complete = self._head
