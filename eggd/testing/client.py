"""`client` and `async_client`: the same requests for plain tests and for async ones."""

from __future__ import annotations

from typing import Unpack

from eggd.testing.request import Options
from eggd.testing.response import Response
from eggd.testing.running import LIMIT, Running

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
        """Ask with any method."""
        limit = options.get("timeout", LIMIT)
        return self.running.run(self.running.respond(method, path, options), limit)

    def get(self, path: str, **options: Unpack[Options]) -> Response:
        """Ask with GET."""
        return self.request("GET", path, **options)

    def head(self, path: str, **options: Unpack[Options]) -> Response:
        """Ask with HEAD."""
        return self.request("HEAD", path, **options)

    def post(self, path: str, **options: Unpack[Options]) -> Response:
        """Ask with POST."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Unpack[Options]) -> Response:
        """Ask with PUT."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Unpack[Options]) -> Response:
        """Ask with PATCH."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Unpack[Options]) -> Response:
        """Ask with DELETE."""
        return self.request("DELETE", path, **options)


class AsyncClient:
    """`Client` for async tests, on whatever asyncio loop: `await async_client.get("/")`."""

    def __init__(self, running: Running) -> None:
        self.running = running

    async def request(self, method: str, path: str, **options: Unpack[Options]) -> Response:
        """Ask with any method."""
        limit = options.get("timeout", LIMIT)
        return await self.running.call(self.running.respond(method, path, options), limit)

    async def get(self, path: str, **options: Unpack[Options]) -> Response:
        """Ask with GET."""
        return await self.request("GET", path, **options)

    async def head(self, path: str, **options: Unpack[Options]) -> Response:
        """Ask with HEAD."""
        return await self.request("HEAD", path, **options)

    async def post(self, path: str, **options: Unpack[Options]) -> Response:
        """Ask with POST."""
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Unpack[Options]) -> Response:
        """Ask with PUT."""
        return await self.request("PUT", path, **options)

    async def patch(self, path: str, **options: Unpack[Options]) -> Response:
        """Ask with PATCH."""
        return await self.request("PATCH", path, **options)

    async def delete(self, path: str, **options: Unpack[Options]) -> Response:
        """Ask with DELETE."""
        return await self.request("DELETE", path, **options)
