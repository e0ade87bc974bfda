"""The client's end of one connection: sends a request, reads its response as it arrives."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from eggd.errors import HttpError
from eggd.http.connection import Connection
from eggd.http.shared import Shared
from eggd.testing.reader import ResponseReader
from eggd.testing.response import Fields
from eggd.testing.transport import MemoryTransport

PEER = ("127.0.0.1", 40000)
"""The peer of every request."""


class Conversation:
    """One request on its own connection; runs on the app's loop."""

    def __init__(self, shared: Shared[Connection], request: str) -> None:
        """Connects; `request` is "METHOD path", for errors."""
        self._request = request
        # Pieces of the content that were not read yet.
        self._chunks: deque[bytes] = deque()
        # The reason why no more of the response will arrive.
        self._error = ""
        # Set whenever one of these changes.
        self._changed = asyncio.Event()
        self._reader = ResponseReader(request.partition(" ")[0])
        # Handlers run in a copy of the server's context, as with a real socket.
        self._context = shared.context.copy()
        loop = asyncio.get_running_loop()
        self._transport = MemoryTransport(self._take, PEER)
        self._transport.connect(Connection(shared, loop))

    async def ask(self, data: bytes) -> None:
        """Sends the request and waits for the head of the response; raises ConnectionError."""
        # Called by the loop like a socket's reader, not in a task: a handler starts at once.
        asyncio.get_running_loop().call_soon(self._transport.send, data, context=self._context)
        await self._until_head()

    @property
    def status(self) -> int:
        """The status of the response once `ask` has returned."""
        return self._reader.status

    @property
    def headers(self) -> Fields:
        """The header fields of the response."""
        return Fields(self._reader.fields)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yields the content in pieces; raises ConnectionError if it ends too early."""
        while True:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._transport.read(len(chunk))
                yield chunk
            if self._reader.complete:
                return
            await self._news()

    def close(self) -> None:
        """Disconnects; the server notices later."""
        self._transport.close()

    async def leave(self) -> None:
        """Disconnects, and lets the server notice before it returns."""
        self._transport.close()
        await asyncio.sleep(0)

    async def _until_head(self) -> None:
        while not self.status:
            await self._news()

    async def _news(self) -> None:
        if self._error:
            raise ConnectionError(f"{self._request}: {self._error}")
        self._changed.clear()
        await self._changed.wait()

    def _take(self, data: bytes) -> None:
        if data:
            self._read(data)
        elif not self._reader.complete:
            self._ended()
        self._changed.set()

    def _read(self, data: bytes) -> None:
        try:
            content = self._reader.feed(data)
        except HttpError as exc:
            self._error = f"the response is not valid HTTP: {exc.message}"
            return
        if content:
            self._chunks.append(content)

    def _ended(self) -> None:
        """Notes an early end: eggd never ends a response of HTTP/1.1 by closing."""
        where = "within its response" if self.status else "without a response"
        self._error = f"the server closed the connection {where}"
