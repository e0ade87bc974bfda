"""An app that runs inside the test's process, agent and all, and is asked over real HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from eggd.app.application import Application
from eggd.app.serving.client_error import refuser
from eggd.app.serving.dispatch import Dispatcher
from eggd.http import Exchange, HttpConfig, HttpServer
from eggd.http.shared import Shared
from eggd.testing.conversation import Conversation
from eggd.testing.imports import OwnImports
from eggd.testing.loop import AppLoop
from eggd.testing.request import Always, Options, check, encode, path_of
from eggd.testing.response import Response

__tracebackhide__ = True  # a test that fails here failed in its own line

T = TypeVar("T")

LIMIT = 30.0
"""Seconds that an answer may take unless the test says otherwise."""


@dataclass(slots=True, kw_only=True, eq=False, repr=False)
class Running:
    """One started app; `app.agent` is its agent."""

    app: Application
    """The app, ready."""
    loop: AppLoop
    """Where it runs."""
    imports: OwnImports
    """What it has imported from its folder."""
    headers: dict[str, str] = field(default_factory=dict)
    """Header fields that every request of the test carries."""
    cookies: dict[str, str] = field(default_factory=dict)
    """Cookies that every request of the test carries."""
    serving: dict[asyncio.Task[None], str] = field(default_factory=dict)
    """The requests whose handlers wait for something."""
    shared: Shared = field(init=False)
    """What an HTTP server has: its connections are the requests that are open."""
    dispatcher: Dispatcher = field(init=False)
    """What serves the requests."""

    _server: HttpServer | None = field(init=False, default=None)
    _url: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(self.app, self.loop.loop)
        config = self.app.config[HttpConfig]
        self.shared = Shared(self._serve, config, self._log, lambda: None, refuser(self.app))

    def run(self, work: Coroutine[Any, Any, T], limit: float = LIMIT) -> T:
        """Returns what `work` returns, run on the app's loop; for plain tests.

        Raises what it raises, TimeoutError after `limit` seconds, EggError on the app's own loop.
        """
        return self.loop.run(work, limit)

    async def call(self, work: Coroutine[Any, Any, T], limit: float = LIMIT) -> T:
        """Returns what `work` returns, run on the app's loop; for async tests on any loop.

        Raises what it raises, and TimeoutError after `limit` seconds.
        """
        return await self.loop.call(work, limit)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`: the app on a real socket, from the first use on.

        For what brings its own client: a browser, a WebSocket. Any thread but the app's.
        """
        if not self._url:
            self._url = self.run(self._listen())
        return self._url

    async def _listen(self) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        config = self.app.config[HttpConfig]
        methods = self.app.router.index.methods
        self._server = HttpServer(self._serve, config, self._log, refuser(self.app), methods)
        await self._server.start(listener, None)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    def forget(self) -> None:
        """Lets requests carry nothing of an earlier test."""
        self.headers.clear()
        self.cookies.clear()

    async def idle(self, limit: float) -> list[str]:
        """Waits `limit` seconds until nothing is served; end and returns what still is."""
        if self.serving:
            await asyncio.wait(list(self.serving), timeout=limit)
        left = dict(self.serving)
        for task in left:
            task.cancel()
        return list(left.values())

    def close(self) -> None:
        """Closes app and agent; a second time is fine."""
        self.loop.run(self._close())
        self.imports.forget()

    async def _close(self) -> None:
        if self._server is not None:
            await self._server.drain(0)
        await self.app.close()

    async def respond(self, method: str, path: str, options: Options) -> Response:
        """Asks and returns the whole answer; on the app's loop.

        Raises EggError for a request that cannot be made, ConnectionError for no whole answer.
        """
        conversation = await self.converse(method, path, options)
        try:
            body = b"".join([chunk async for chunk in conversation.chunks()])
            return answer(method, path, conversation, body)
        finally:
            conversation.close()

    async def converse(self, method: str, path: str, options: Options) -> Conversation:
        """Asks and returns when the answer's head is there; whoever calls closes it."""
        check(options, path)
        path = path_of(self.app.router, path, options)
        data = encode(method, path, Always(self.headers, self.cookies), options)
        conversation = Conversation(self.shared, f"{method} {path}")
        try:
            await conversation.ask(data)
        except BaseException:
            conversation.close()
            raise
        return conversation

    def _serve(self, exchange: Exchange) -> None:
        before = set(self.dispatcher.tasks)
        self.dispatcher(exchange)
        for task in self.dispatcher.tasks - before:
            self.serving[task] = repr(exchange).strip("<>")
            task.add_done_callback(self.serving.pop)

    def _log(self, level: str, text: str) -> None:
        getattr(self.app.core_logger, level)("%s", text)


def answer(method: str, path: str, conversation: Conversation, body: bytes = b"") -> Response:
    """Returns what a conversation has got so far as a response with that content."""
    return Response(
        request=f"{method} {path}",
        status=conversation.status,
        headers=conversation.headers,
        body=body,
    )
