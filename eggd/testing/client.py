"""`client` and `async_client`: the same requests for plain and for async tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar, Unpack

from eggd.testing.arguments import check_kind
from eggd.testing.cookie_jar import CookieJar
from eggd.testing.mocked_session import SessionCopy, unchangeable
from eggd.testing.request import RequestOptions, check, path_of, with_cookies
from eggd.testing.response import Response
from eggd.testing.running_app import RunningApp, limit_of
from eggd.testing.stream import Stream

if TYPE_CHECKING:
    from eggd.testing.websocket import ClientSocket

__tracebackhide__ = True  # pytest shows the line of the test instead


R = TypeVar("R")


class Methods(Generic[R]):
    """The methods of HTTP, each of which sends a request with this method."""

    def __init__(self, running: RunningApp) -> None:
        self.running = running
        self._cookies = CookieJar()

    @property
    def cookies(self) -> CookieJar:
        """The cookies of all requests of this client; a test may read, set and delete them.

        Assigning a dict replaces them by a copy of it.
        """
        return self._cookies

    @cookies.setter
    def cookies(self, cookies: Mapping[str, str]) -> None:
        check_kind("client.cookies", cookies, Mapping, "a dict of texts")
        self._cookies = CookieJar(cookies)

    def request(self, method: str, path: str, **options: Unpack[RequestOptions]) -> R:
        """Sends a request with any method."""
        raise NotImplementedError

    def get(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Sends a GET request."""
        return self.request("GET", path, **options)

    def head(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Sends a HEAD request."""
        return self.request("HEAD", path, **options)

    def post(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Sends a POST request."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Sends a PUT request."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Sends a PATCH request."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Unpack[RequestOptions]) -> R:
        """Sends a DELETE request."""
        return self.request("DELETE", path, **options)


class Client(Methods[Response]):
    """Sends requests to a running app: `client.get("/")`, `client.post("/echo", json={"a": 1})`.

    A path without a leading slash is the name of a route; see `RequestOptions` for other arguments.
    Raises ArgumentError for an impossible request, ConnectionError for an incomplete response,
    TimeoutError after `timeout` seconds (30). Redirects are not followed.
    """

    def request(self, method: str, path: str, **options: Unpack[RequestOptions]) -> Response:
        """Sends a request with any method."""
        limit = limit_of(options)
        return self.running.run(self.running.respond(method, path, options, self.cookies), limit)

    @contextmanager
    def stream(self, method: str, path: str, **options: Unpack[RequestOptions]) -> Iterator[Stream]:
        """Sends a request; the response is read in `with`, whose end disconnects."""
        running = self.running
        limit = limit_of(options)
        begin = running.converse(method, path, options, self.cookies)
        conversation = running.run(begin, limit)
        try:
            yield Stream(running, conversation)
        finally:
            running.run(conversation.leave())

    @property
    def session(self) -> SessionCopy:
        """The session that the client's cookies lead to, in the cookie or a store; {} without one.

        It is a copy: changing or assigning it raises MockError, and so does reading it if ctx has
        no session.
        """
        return self.running.run(self.running.session(self.cookies))

    @session.setter
    def session(self, values: object) -> None:
        raise unchangeable()

    @contextmanager
    def websocket(
        self, path: str, *, headers: Mapping[str, str] = {}, protocols: list[str] | None = None
    ) -> Iterator[ClientSocket]:
        """Opens a WebSocket, closed at the end of `with`; on a real socket.

        Raises tornado.httpclient.HTTPClientError with its `code` if the app refuses.
        """
        # Importing Tornado's client takes a tenth of a second.
        from eggd.testing.websocket import ClientSocket, connect

        check(RequestOptions(headers=headers), path)
        if self.cookies and not any(name.lower() == "cookie" for name in headers):
            headers = {**headers, "Cookie": with_cookies("", self.cookies)}
        running = self.running
        url = running.url.replace("http", "ws", 1) + path_of(running.app.router, path, {})
        socket = ClientSocket(running, running.run(connect(running, url, headers, protocols)))
        try:
            yield socket
        finally:
            running.run(socket.close())


class AsyncClient(Methods[Coroutine[object, object, Response]]):
    """`Client` for async tests, on any asyncio loop: `await async_client.get("/")`."""

    async def request(self, method: str, path: str, **options: Unpack[RequestOptions]) -> Response:
        """Sends a request with any method."""
        limit = limit_of(options)
        answer = self.running.respond(method, path, options, self.cookies)
        return await self.running.call(answer, limit)

    async def session(self) -> SessionCopy:
        """Returns the session that the client's cookies lead to, as `Client.session`."""
        return await self.running.call(self.running.session(self.cookies))

    @asynccontextmanager
    async def stream(
        self, method: str, path: str, **options: Unpack[RequestOptions]
    ) -> AsyncIterator[Stream]:
        """Sends a request; the response is read in `async with`, whose end disconnects."""
        running = self.running
        limit = limit_of(options)
        begin = running.converse(method, path, options, self.cookies)
        conversation = await running.call(begin, limit)
        try:
            yield Stream(running, conversation)
        finally:
            await running.call(conversation.leave())
