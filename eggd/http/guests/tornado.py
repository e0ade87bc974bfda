"""A Tornado application as a guest: three classes in place of Tornado's own server.

Only `tornado.httputil` is imported; a mounted application has imported the rest of Tornado.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from importlib import import_module
from typing import Any, TypeVar

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)

from eggd.errors import HttpError
from eggd.http.detach import Detached
from eggd.http.guests.guest import GuestRequest, Reply
from eggd.http.guests.tornado_frames import JoinedFrames

T = TypeVar("T")


_SWITCHED_OFF = (
    "Tornado's autoreload is switched off, as it would restart the worker without its sockets;"
    " run 'eggd dev' to reload on changes"
)


def adopt(app: object, title: str) -> list[str]:
    """Prepares an application to be mounted in a worker; returns one line per changed setting.

    Its access log shows whole paths, unless it has a `log_function`. Tornado's autoreload would
    replace the worker with a process without its sockets, so it is switched off.
    """
    settings = getattr(app, "settings", None)
    if not isinstance(settings, dict):
        return []
    settings.setdefault("log_function", _log_request)
    stop_autoreload()
    if not settings.get("autoreload"):
        return []
    cause = "debug" if settings.get("debug") else "autoreload"
    settings["autoreload"] = False
    return [f"{title}: {cause}=True: {_SWITCHED_OFF}"]


def stop_autoreload() -> None:
    """Keeps Tornado's autoreload, if it is imported, from replacing this process."""
    autoreload = sys.modules.get("tornado.autoreload")
    if autoreload is not None:
        autoreload._reload_attempted = True  # type: ignore[attr-defined]  # no public way


def _log_request(handler: Any) -> None:
    """Logs as Tornado does, with the whole path of the request."""
    status, request = handler.get_status(), handler.request
    prefix = getattr(request.connection, "prefix", "")
    line = f"{request.method} {prefix}{request.uri} ({request.remote_ip})"
    level = logging.INFO if status < 400 else logging.WARNING if status < 500 else logging.ERROR
    access = logging.getLogger("tornado.access")
    access.log(level, "%d %s %.2fms", status, line, 1000 * request.request_time())


async def serve(app: HTTPServerConnectionDelegate, request: GuestRequest) -> int:
    """Lets `app` answer, waits for it, and returns the status.

    Raises HttpError if the request's body was refused before the app answered.
    """
    exchange = request.exchange
    settings = getattr(app, "settings", {})
    connection = _Connection(request, settings.get("websocket_max_message_size") or 0)
    exchange.on_abort(connection.client_left)
    exchange.on_lost(connection.lost)
    delegate = app.start_request(_ORIGIN, connection)
    feeding = asyncio.ensure_future(_feed(delegate, connection, request))
    try:
        await asyncio.wait([feeding, connection.done], return_when=asyncio.FIRST_COMPLETED)
        if feeding.done():
            await _check(feeding, request)
            await connection.done
    finally:
        feeding.cancel()
    return connection.reply.status


_GOING_AWAY = b"\x88\x02\x03\xe9"
"""A WebSocket's Close frame, 1001 (RFC 6455 7.4.1): the client answers it, and Tornado ends."""

_UNSENT = 16 * 1024 * 1024
"""Bytes that may wait for a WebSocket client; the next write closes the connection."""

_ORIGIN = object()
"""The server side of the connection, which Tornado never reads."""


async def _check(feeding: asyncio.Future[None], request: GuestRequest) -> None:
    """Raises the exception of feeding, unless the guest has answered or the client disconnected."""
    try:
        await feeding
    except HttpError:
        if not request.exchange.started and not request.exchange.lost:
            raise


async def _feed(
    delegate: HTTPMessageDelegate, connection: _Connection, request: GuestRequest
) -> None:
    """Passes the request to the delegate: head, body as it arrives, end.

    After `on_connection_close` the handler gets nothing more: Tornado ends its body.
    """
    exchange = request.exchange
    query = b"?" + exchange.query if exchange.query else b""
    target = (request.path + query).decode("latin-1")
    version = f"HTTP/{exchange.version}"
    headers = HTTPHeaders()
    for name, value in exchange.headers.joined():
        headers.add(name, value)
    start = RequestStartLine(exchange.method, target, version)
    try:
        await _maybe(delegate.headers_received(start, headers))
        if exchange.has_body:
            async for chunk in exchange.body:
                if not connection.notified:
                    await _maybe(delegate.data_received(chunk))
    except HttpError:
        if not connection.notify():
            delegate.on_connection_close()
        raise
    if not exchange.finished and not connection.notified:
        delegate.finish()
        connection.fed()


async def _maybe(waiting: object) -> None:
    if waiting is not None:
        await waiting  # type: ignore[misc]


def _retrieved(written: asyncio.Future[T]) -> None:
    """Marks the exception of a write as retrieved, as handlers need not await it."""
    if not written.cancelled():
        written.exception()


def _closed_error() -> Exception:
    """Returns the exception that handlers catch; the application has loaded its module."""
    error: Exception = import_module("tornado.iostream").StreamClosedError()
    return error


class _Context:
    """The client, as `HTTPServerRequest` reads it."""

    def __init__(self, request: GuestRequest) -> None:
        self.remote_ip = request.client[0]
        self.protocol = request.scheme
        self.address = request.client


class _Connection(HTTPConnection):
    """The connection to which a guest writes its answer."""

    def __init__(self, request: GuestRequest, limit: int) -> None:
        self.context = _Context(request)
        # Bytes of one WebSocket message, 0 for Tornado's default.
        self._limit = limit
        self.reply = Reply(request)
        self.done = asyncio.get_running_loop().create_future()
        self._exchange = request.exchange
        self.prefix = request.prefix
        """The path prefix under which the application is mounted."""
        self.notified = False
        """Whether `on_connection_close` has been called."""
        self._on_close: Callable[[], object] | None = None
        # Whether the client has closed its sending side.
        self._left = False
        # Whether the handler has the whole request. `on_connection_close` waits for that: a client
        # may close its side right after its body, and Tornado would drop the rest of the body.
        self._fed = False
        self._detached: Detached | None = None

    def set_close_callback(self, callback: Callable[[], object] | None) -> None:
        """Calls back when the client disconnects before the answer is complete."""
        self._on_close = callback
        if callback is not None and self._left and self._fed:
            # Not now: the caller may be the handler's constructor.
            asyncio.get_running_loop().call_soon(self.notify)

    def client_left(self) -> None:
        """Notifies the handler that the client has closed its side; an answer is still sent."""
        self._left = True
        if self._fed:
            self.notify()

    def fed(self) -> None:
        """Records that the handler has the whole request."""
        self._fed = True
        if self._left:
            asyncio.get_running_loop().call_soon(self.notify)

    def lost(self) -> None:
        """Notifies the handler at once, and lets `serve` return."""
        self._left = self._fed = True
        self.notify()
        self.end()

    def notify(self) -> bool:
        """Calls the handler's `on_connection_close`, once; returns whether there is a handler."""
        callback, self._on_close = self._on_close, None
        if callback is None:
            return self.notified
        self.notified = True
        callback()
        return True

    def write_headers(
        self,
        start_line: RequestStartLine | ResponseStartLine,
        headers: HTTPHeaders,
        chunk: bytes | None = None,
    ) -> asyncio.Future[None]:
        """Sends the head, with the first content."""
        assert isinstance(start_line, ResponseStartLine)
        fields = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in headers.get_all()]
        if start_line.code == 101:
            self._detached = self.reply.switch(fields)
            self._detached.on_drain = partial(self._detached.write, _GOING_AWAY)
            return self.write(b"")
        self.reply.head(start_line.code, fields)
        return self.write(chunk or b"")

    def write(self, chunk: bytes) -> asyncio.Future[None]:
        """Sends content; the future is done when the client has taken enough of what was sent."""
        self.reply.put(bytes(chunk), last=False)
        written: asyncio.Future[None] = asyncio.ensure_future(self._written())
        written.add_done_callback(_retrieved)
        return written

    def finish(self) -> None:
        """Completes the answer; a connection that left HTTP lives on."""
        if self._detached is not None:
            return
        self.reply.put(b"", last=True)
        self.end()

    def detach(self) -> _Stream:
        """Returns the stream of a WebSocket handler that has answered 101."""
        if self._detached is None:
            raise RuntimeError("detach() before 101 Switching Protocols")
        return _Stream(self._detached, self._limit)

    async def _written(self) -> None:
        await self._exchange.writable()
        if self._exchange.lost:
            raise _closed_error()

    def end(self) -> None:
        """Lets `serve` return: the answer is complete, or the connection is lost."""
        if not self.done.done():
            self.done.set_result(None)


class _Stream:
    """The methods of `IOStream` that Tornado's WebSocket uses, on a detached connection."""

    def __init__(self, detached: Detached, limit: int) -> None:
        self.io_loop = import_module("tornado.ioloop").IOLoop.current()
        self._detached = detached
        self._frames = JoinedFrames(detached, limit)

    def read_bytes(self, size: int) -> asyncio.Future[bytes]:
        """Returns exactly `size` bytes; StreamClosedError if the connection ends before that.

        Reading pauses while the client does not read: Tornado answers its pings, and most handlers
        answer its messages, without waiting for it.
        """
        return self._future(self._read(size))

    def write(self, data: bytes | memoryview) -> asyncio.Future[None]:
        """Sends; the future is done when the client has caught up.

        If the handler does not await it, a client with more than `_UNSENT` bytes waiting is
        disconnected.
        """
        if self._detached.writing_paused and self._detached.unsent > _UNSENT:
            self._detached.abort()
        self._detached.write(bytes(data))
        return self._future(self._detached.writable())

    def closed(self) -> bool:
        """Returns whether the connection is closed."""
        return self._detached.closed

    def close(self) -> None:
        """Closes once everything written has been sent."""
        self._detached.close()

    def set_nodelay(self, value: bool) -> None:
        """Does nothing: every connection of this server sends at once."""

    async def _read(self, size: int) -> bytes:
        if self._detached.writing_paused:
            await self._detached.writable()
        return await self._frames.read(size)

    def _future(self, work: Coroutine[object, None, T]) -> asyncio.Future[T]:
        future = asyncio.ensure_future(_translate(work))
        future.add_done_callback(_retrieved)
        return future


async def _translate(work: Coroutine[object, None, T]) -> T:
    try:
        return await work
    except ConnectionError as exc:
        raise _closed_error() from exc
