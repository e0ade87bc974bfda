"""A Tornado application as a guest, met where Tornado's own server meets it: three small classes.

`tornado.httputil` is all that is imported of Tornado; whoever mounts an application has the rest.
"""

from __future__ import annotations

import asyncio
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
from eggd.http.guest import Reply, Visit

T = TypeVar("T")


async def serve(app: HTTPServerConnectionDelegate, visit: Visit) -> int:
    """Let `app` answer, wait for that, and return the status.

    Raises HttpError where the request's body was refused before the app answered.
    """
    exchange = visit.exchange
    connection = _Connection(visit)
    exchange.on_abort(connection.closed)
    exchange.on_lost(connection.end)
    delegate = app.start_request(_ORIGIN, connection)
    feeding = asyncio.ensure_future(_feed(delegate, visit))
    try:
        await asyncio.wait([feeding, connection.done], return_when=asyncio.FIRST_COMPLETED)
        if feeding.done():
            await _checked(feeding, visit)
            await connection.done
    finally:
        feeding.cancel()
    return connection.reply.status


_GOING_AWAY = b"\x88\x02\x03\xe9"
"""A WebSocket's Close frame, 1001 (RFC 6455 7.4.1): the client answers it, and Tornado ends."""

_ORIGIN = object()
"""What Tornado's own server passes as the server side of the connection; nobody looks into it."""


async def _checked(feeding: asyncio.Future[None], visit: Visit) -> None:
    """Raise what feeding did, unless the guest has answered already, or the client is gone."""
    try:
        await feeding
    except HttpError:
        if not visit.exchange.started and not visit.exchange.lost:
            raise


async def _feed(delegate: HTTPMessageDelegate, visit: Visit) -> None:
    """Give the request to the delegate: head, body as it arrives, end."""
    exchange = visit.exchange
    query = b"?" + exchange.query if exchange.query else b""
    target = (visit.path + query).decode("latin-1")
    version = f"HTTP/{exchange.version}"
    headers = HTTPHeaders()
    for name, value in exchange.headers.items():
        headers.add(name, value)
    start = RequestStartLine(exchange.method, target, version)
    try:
        await _maybe(delegate.headers_received(start, headers))
        if exchange.has_body:
            async for chunk in exchange.body:
                await _maybe(delegate.data_received(chunk))
    except HttpError:
        delegate.on_connection_close()
        raise
    if not exchange.finished:
        delegate.finish()


async def _maybe(waiting: object) -> None:
    if waiting is not None:
        await waiting  # type: ignore[misc]


def _retrieved(written: asyncio.Future[Any]) -> None:
    """Take note of a failed write that nobody waits for."""
    if not written.cancelled():
        written.exception()


def _closed_error() -> Exception:
    """Return what Tornado's handlers catch; its module was loaded by who made the application."""
    error: Exception = import_module("tornado.iostream").StreamClosedError()
    return error


class _Context:
    """Who asks, as `HTTPServerRequest` reads it."""

    def __init__(self, visit: Visit) -> None:
        self.remote_ip = visit.client[0]
        self.protocol = visit.scheme
        self.address = visit.client


class _Connection(HTTPConnection):
    """What a guest writes its answer to."""

    def __init__(self, visit: Visit) -> None:
        self.context = _Context(visit)
        self.reply = Reply(visit)
        self.done = asyncio.get_running_loop().create_future()
        self._exchange = visit.exchange
        self._on_close: Callable[[], object] | None = None
        self._taken: Detached | None = None

    def set_close_callback(self, callback: Callable[[], object] | None) -> None:
        """Call back when the client goes away before the answer is complete."""
        self._on_close = callback

    def closed(self) -> None:
        """Tell the guest that the client has closed its side; an answer is still sent."""
        callback, self._on_close = self._on_close, None
        if callback is not None:
            callback()

    def write_headers(
        self,
        start_line: RequestStartLine | ResponseStartLine,
        headers: HTTPHeaders,
        chunk: bytes | None = None,
    ) -> asyncio.Future[None]:
        """Send the head, with the first content."""
        assert isinstance(start_line, ResponseStartLine)
        fields = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in headers.get_all()]
        if start_line.code == 101:
            self._taken = self.reply.switch(fields)
            self._taken.on_drain = partial(self._taken.write, _GOING_AWAY)
            return self.write(b"")
        self.reply.head(start_line.code, fields)
        return self.write(chunk or b"")

    def write(self, chunk: bytes) -> asyncio.Future[None]:
        """Send content; the future is done when the client has taken enough of what was sent."""
        self.reply.put(bytes(chunk), last=False)
        written: asyncio.Future[None] = asyncio.ensure_future(self._written())
        written.add_done_callback(_retrieved)
        return written

    def finish(self) -> None:
        """Complete the answer; a connection that left HTTP lives on."""
        if self._taken is not None:
            return
        self.reply.put(b"", last=True)
        self.end()

    def detach(self) -> _Stream:
        """Return what a WebSocket handler speaks on, once it has answered 101."""
        if self._taken is None:
            raise RuntimeError("detach() before 101 Switching Protocols")
        return _Stream(self._taken)

    async def _written(self) -> None:
        await self._exchange.writable()
        if self._exchange.lost:
            raise _closed_error()

    def end(self) -> None:
        """Let `serve` return: the answer is complete, or the connection is lost."""
        if not self.done.done():
            self.done.set_result(None)


class _Stream:
    """What Tornado's WebSocket asks of an `IOStream`, on a connection that left HTTP."""

    def __init__(self, taken: Detached) -> None:
        self.io_loop = import_module("tornado.ioloop").IOLoop.current()
        self._taken = taken

    def read_bytes(self, size: int) -> asyncio.Future[bytes]:
        """Return exactly `size` bytes; StreamClosedError when they can not come any more."""
        return self._future(self._taken.read(size))

    def write(self, data: Any) -> asyncio.Future[None]:
        """Send; the future is done when the client has taken enough of what was sent."""
        self._taken.write(bytes(data))
        return self._future(self._taken.writable())

    def closed(self) -> bool:
        """Return whether all is over."""
        return self._taken.closed

    def close(self) -> None:
        """Close once everything written has left."""
        self._taken.close()

    def set_nodelay(self, value: bool) -> None:
        """Do nothing: every connection of this server sends at once."""

    def _future(self, work: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
        future = asyncio.ensure_future(_translated(work))
        future.add_done_callback(_retrieved)
        return future


async def _translated(work: Coroutine[Any, Any, T]) -> T:
    try:
        return await work
    except ConnectionError as exc:
        raise _closed_error() from exc
