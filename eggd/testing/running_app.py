"""An app with its agent in the process of the test, which answers real HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from eggd import AnonymousRequest, Application
from eggd.app.serving.client_error import refuser
from eggd.app.serving.dispatch import Dispatcher
from eggd.errors import MockError
from eggd.http import Exchange, HttpServer
from eggd.http.connection import Connection
from eggd.http.shared import Shared
from eggd.testing.arguments import check_kind
from eggd.testing.conversation import Conversation
from eggd.testing.cookie_jar import CookieJar
from eggd.testing.imports import OwnImports
from eggd.testing.loop import AppLoop
from eggd.testing.mocked_session import SessionCopy
from eggd.testing.request import Defaults, RequestOptions, check, encode, path_of, with_cookies
from eggd.testing.response import Response

__tracebackhide__ = True  # pytest shows the line of the test instead

T = TypeVar("T")

LIMIT = 30.0
"""Default seconds to wait for a response."""


class Run(Protocol):
    """The fixture `run`."""

    def __call__(self, work: Coroutine[object, object, T], limit: float = LIMIT) -> T:
        """Returns the result of `work`, run on the app's loop."""
        ...


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class RunningApp:
    """One started app; `app.agent` is its agent."""

    app: Application
    """The app, which is ready."""
    loop: AppLoop
    """The loop that it runs on."""
    imports: OwnImports
    """The modules that it has imported from its folder."""
    headers: dict[str, str] = field(default_factory=dict)
    """Header fields that every request of the test carries."""
    cookies: dict[str, str] = field(default_factory=dict)
    """Cookies that every request of the test carries."""
    serving: dict[asyncio.Task[None], str] = field(default_factory=dict)
    """The requests whose handlers are waiting, by task."""
    shared: Shared[Connection] = field(init=False)
    """The state of an HTTP server; its connections are the open requests."""
    dispatcher: Dispatcher = field(init=False)
    """Serves the requests."""

    _server: HttpServer | None = field(init=False, default=None)
    _url: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(self.app, self.loop.loop)
        config = self.app.http_config
        self.shared = Shared(self._serve, config, self._log, lambda: None, refuser(self.app))
        self.shared.fixed = self.app.fixed_fields

    def run(self, work: Coroutine[object, object, T], limit: float = LIMIT) -> T:
        """Returns the result of `work`, run on the app's loop; for plain tests.

        Raises as `AppLoop.run` does.
        """
        return self.loop.run(work, limit)

    async def call(self, work: Coroutine[object, object, T], limit: float = LIMIT) -> T:
        """Returns the result of `work`, run on the app's loop; for async tests on any loop.

        Raises as `AppLoop.call` does.
        """
        return await self.loop.call(work, limit)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT` of a real socket, which is opened on first use.

        For other clients, such as a browser. Must not be used on the app's thread.
        """
        if not self._url:
            self._url = self.run(self._listen())
        return self._url

    async def _listen(self) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        config = self.app.http_config
        methods = self.app.router.index.methods
        self._server = HttpServer(self._serve, config, self._log, refuser(self.app), methods)
        self._server.fix_fields(self.app.fixed_fields)
        await self._server.start(listener, None)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    def forget(self) -> None:
        """Drops the header fields and cookies of the last test."""
        self.headers.clear()
        self.cookies.clear()

    async def idle(self, limit: float) -> list[str]:
        """Waits `limit` seconds for all requests; cancels and returns the remaining ones."""
        if self.serving:
            await asyncio.wait(list(self.serving), timeout=limit)
        left = dict(self.serving)
        for task in left:
            task.cancel()
        return list(left.values())

    def close(self) -> None:
        """Closes app and agent; a second call does nothing."""
        self.loop.run(self._close())
        self.imports.forget()

    async def _close(self) -> None:
        if self._server is not None:
            await self._server.drain(0)
        await self.app.close()

    async def respond(
        self, method: str, path: str, options: RequestOptions, jar: CookieJar
    ) -> Response:
        """Sends a request and returns the complete response; on the app's loop.

        Raises ArgumentError for an impossible request, ConnectionError for an incomplete response.
        """
        conversation = await self.converse(method, path, options, jar)
        try:
            body = b"".join([chunk async for chunk in conversation.chunks()])
            return response(method, path, conversation, body)
        finally:
            conversation.close()

    async def converse(
        self, method: str, path: str, options: RequestOptions, jar: CookieJar
    ) -> Conversation:
        """Sends a request with the cookies of the jar, which keeps those of the response.

        Returns at the head of the response; the caller must close it.
        """
        check(options, path)
        path = path_of(self.app.router, path, options)
        data = encode(method, path, Defaults(self.headers, self.cookies, jar), options)
        conversation = Conversation(self.shared, f"{method} {path}")
        try:
            await conversation.ask(data)
        except BaseException:
            conversation.close()
            raise
        jar.take(conversation.headers.all("set-cookie"))
        return conversation

    async def session(self, jar: CookieJar) -> SessionCopy:
        """Returns the data of the session that the cookies lead to; nothing is saved."""
        request = AnonymousRequest(headers={"cookie": with_cookies("", jar)} if jar else {})
        ctx = self.app.create_anonymous_context(request)
        if not hasattr(ctx, "request_session"):
            raise MockError("ctx has no session", hint="switch the plugin session on")
        await ctx.request_session.load()
        return SessionCopy(ctx.session or {})

    def _serve(self, exchange: Exchange) -> None:
        before = set(self.dispatcher.tasks)
        self.dispatcher(exchange)
        for task in self.dispatcher.tasks - before:
            self.serving[task] = repr(exchange).strip("<>")
            task.add_done_callback(self.serving.pop)

    def _log(self, level: str, text: str) -> None:
        getattr(self.app.core_logger, level)("%s", text)


def limit_of(options: RequestOptions) -> float:
    """Returns the seconds to wait for the response; raises ArgumentError for a wrong `timeout`."""
    limit = options.get("timeout", LIMIT)
    check_kind("timeout", limit, (int, float), "a number of seconds")
    return limit


def response(method: str, path: str, conversation: Conversation, body: bytes = b"") -> Response:
    """Returns the response of a conversation, with this content."""
    return Response(
        request=f"{method} {path}",
        status=conversation.status,
        headers=conversation.headers,
        body=body,
    )
