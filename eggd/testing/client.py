"""`client` and `async_client`: the same requests for plain tests and for async ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Unpack

from eggd.testing.request import Options, path_of
from eggd.testing.response import Response
from eggd.testing.running import LIMIT, Running
from eggd.testing.stream import Stream

if TYPE_CHECKING:
    from eggd.testing.websocket import ClientSocket

__tracebackhide__ = True  # a test that fails here failed in its own line


class Client:
    """Asks a running app and waits: `client.get("/")`, `client.post("/echo", json={"a": 1})`.

    A path without a slash in front is a route's name. What else may be said of a request is in
    `Options`. Raises EggError for a request that cannot be made, ConnectionError where the server
    gives no whole answer, TimeoutError after `timeout` seconds (30). Redirects are not followed.
    """

    def __init__(self, running: Running) -> None:
        self.running = running

    def request(self, method: str, path: str, **options: Unpack[Options]) -> Response:
        """Asks with any method."""
        limit = options.get("timeout", LIMIT)
        return self.running.run(self.running.respond(method, path, options), limit)

    def get(self, path: str, **options: Unpack[Options]) -> Response:
        """Asks with GET."""
        return self.request("GET", path, **options)

    def head(self, path: str, **options: Unpack[Options]) -> Response:
        """Asks with HEAD."""
        return self.request("HEAD", path, **options)

    def post(self, path: str, **options: Unpack[Options]) -> Response:
        """Asks with POST."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Unpack[Options]) -> Response:
        """Asks with PUT."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Unpack[Options]) -> Response:
        """Asks with PATCH."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Unpack[Options]) -> Response:
        """Asks with DELETE."""
        return self.request("DELETE", path, **options)

    @contextmanager
    def stream(self, method: str, path: str, **options: Unpack[Options]) -> Iterator[Stream]:
        """Asks, and reads the answer while it is made; leaving `with` goes away."""
        running = self.running
        limit = options.get("timeout", LIMIT)
        conversation = running.run(running.converse(method, path, options), limit)
        try:
            yield Stream(running, conversation)
        finally:
            running.run(conversation.leave())

    @contextmanager
    def websocket(
        self, path: str, *, headers: Mapping[str, str] = {}, protocols: list[str] | None = None
    ) -> Iterator[ClientSocket]:
        """Opens a WebSocket, closed at the end of `with`; on a real socket.

        Raises tornado.httpclient.HTTPClientError with its `code` where the app refuses.
        """
        # Tornado's client is a tenth of a second to import: for those who use it.
        from eggd.testing.websocket import ClientSocket, connect

        running = self.running
        url = running.url.replace("http", "ws", 1) + path_of(running.app.router, path, {})
        socket = ClientSocket(running, running.run(connect(running, url, headers, protocols)))
        try:
            yield socket
        finally:
            running.run(socket.close())


class AsyncClient:
    """`Client` for async tests, on whatever asyncio loop: `await async_client.get("/")`."""

    def __init__(self, running: Running) -> None:
        self.running = running

    async def request(self, method: str, path: str, **options: Unpack[Options]) -> Response:
        """Asks with any method."""
        limit = options.get("timeout", LIMIT)
        return await self.running.call(self.running.respond(method, path, options), limit)

    async def get(self, path: str, **options: Unpack[Options]) -> Response:
        """Asks with GET."""
        return await self.request("GET", path, **options)

    async def head(self, path: str, **options: Unpack[Options]) -> Response:
        """Asks with HEAD."""
        return await self.request("HEAD", path, **options)

    async def post(self, path: str, **options: Unpack[Options]) -> Response:
        """Asks with POST."""
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Unpack[Options]) -> Response:
        """Asks with PUT."""
        return await self.request("PUT", path, **options)

    async def patch(self, path: str, **options: Unpack[Options]) -> Response:
        """Asks with PATCH."""
        return await self.request("PATCH", path, **options)

    async def delete(self, path: str, **options: Unpack[Options]) -> Response:
        """Asks with DELETE."""
        return await self.request("DELETE", path, **options)

    @asynccontextmanager
    async def stream(
        self, method: str, path: str, **options: Unpack[Options]
    ) -> AsyncIterator[Stream]:
        """Asks, and reads the answer while it is made; leaving `async with` goes away."""
        running = self.running
        limit = options.get("timeout", LIMIT)
        conversation = await running.call(running.converse(method, path, options), limit)
        try:
            yield Stream(running, conversation)
        finally:
            await running.call(conversation.leave())
