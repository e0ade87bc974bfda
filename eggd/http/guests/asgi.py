"""An ASGI application as a guest (asgi.readthedocs.io: HTTP 2.4, lifespan 2.0).

The call runs in the task that serves the exchange and is never cancelled because the client
disconnects: `receive` then returns `http.disconnect`, and `send` raises `ClientGoneError`, as the
specification demands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from eggd.errors import HookError, HttpError
from eggd.http.exchange import Exchange
from eggd.http.guests.guest import GuestRequest, Reply
from eggd.wire.percent import percent_decode

Message = MutableMapping[str, Any]
Asgi = Callable[
    [dict[str, object], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]
"""`async def app(scope, receive, send)`."""


class ClientGoneError(OSError):
    """Raised by `send` after the client disconnected: so an ASGI application learns of it."""


async def serve(app: Asgi, request: GuestRequest, state: dict[str, object]) -> int:
    """Lets `app` answer, and returns the status.

    Raises the app's exceptions, HttpError if the request's body was refused, and RuntimeError if
    the app returns without an answer.
    """
    channel = _HttpChannel(request)
    try:
        await app(scope_of(request, state), channel.receive, channel.send)
    except Exception as exc:
        if channel.refused is None and not (request.exchange.lost and _was_gone(exc)):
            raise
    finally:
        channel.end()
    if channel.refused is not None and not request.exchange.started:
        raise channel.refused
    if channel.disconnected and not request.exchange.finished:
        request.exchange.disconnect()  # the application stopped because the client disconnected
    elif not request.exchange.finished and not request.exchange.lost:
        raise RuntimeError(f"{request.exchange!r}: the ASGI application returned without an answer")
    return channel.reply.status


class _HttpChannel:
    """`receive` and `send` of one request, and their state."""

    def __init__(self, request: GuestRequest) -> None:
        self.reply = Reply(request)
        self.refused: HttpError | None = None
        """The error that made the request's body unreadable, if any."""
        self.disconnected = False
        """Whether `receive` has returned `http.disconnect`; every later call returns the same."""
        self._exchange = request.exchange
        # Whether the application has the whole body.
        self._read = False
        self._ended = False
        # One `receive` at a time reads the body.
        self._reading = asyncio.Lock()
        self._disconnect = asyncio.Event()
        request.exchange.on_abort(self._disconnect.set)

    def end(self) -> None:
        """Ends the call: `receive` returns `http.disconnect` from here on."""
        self._ended = True
        self._disconnect.set()

    async def receive(self) -> Message:
        """Returns the body piece by piece; after it, `http.disconnect` once the client disconnects.

        A body that was cut short ends with `http.disconnect`, and so does every later call.
        """
        async with self._reading:
            if self._readable():
                try:
                    return await self._next()
                except HttpError as exc:
                    self.refused = exc
                    self.end()
        await self._disconnect.wait()
        self.disconnected = True
        return {"type": "http.disconnect"}

    def _readable(self) -> bool:
        exchange = self._exchange
        ended = self.disconnected or exchange.finished or exchange.lost
        return not (ended or self._read or self.refused)

    async def _next(self) -> Message:
        piece = await self._exchange.body.piece()
        self._read = self._exchange.body.complete and not self._exchange.body.unread
        return {"type": "http.request", "body": piece, "more_body": not self._read}

    async def send(self, message: Message) -> None:
        """Takes the head or a piece of the answer; waits while the client is slow."""
        exchange, kind = self._exchange, message["type"]
        if self.refused is not None:
            return
        if exchange.lost:
            raise ClientGoneError(f"{exchange!r}: the client disconnected")
        if kind == "http.response.start" and not self.reply.status:
            self.reply.head(message["status"], message.get("headers", ()))
        elif kind == "http.response.body" and self.reply.status and not self._ended:
            last = not message.get("more_body", False)
            self.reply.put(bytes(message.get("body", b"")), last=last)
            if last:
                self.end()
                if exchange.has_body and not self._read:  # wakes a waiting `receive`
                    exchange.body.fail(HttpError(400, "answered before the end of the body"))
            else:
                await exchange.writable()
        else:
            raise RuntimeError(f"{exchange!r}: unexpected ASGI message {kind!r}")


def scope_of(request: GuestRequest, state: dict[str, object]) -> dict[str, object]:
    """Returns the `http` scope of a request; `state` is copied."""
    exchange: Exchange = request.exchange
    prefix = percent_decode(request.prefix)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": exchange.version,
        "method": exchange.method,
        "scheme": request.scheme,
        "path": prefix + percent_decode(request.path.decode("latin-1")),
        "raw_path": exchange.path,
        "query_string": exchange.query,
        "root_path": prefix,
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in exchange.headers.joined()
        ],
        "client": request.client,
        "server": None,
        "state": state.copy(),
    }


def _was_gone(exc: BaseException | None) -> bool:
    """Returns whether an exception is, or was caused by, ClientGoneError alone."""
    while exc is not None:
        if isinstance(exc, ClientGoneError):
            return True
        if isinstance(exc, BaseExceptionGroup):
            return all(map(_was_gone, exc.exceptions))
        exc = exc.__cause__ or exc.__context__
    return False


class Lifespan:
    """The lifespan of an ASGI application in this process: started once, ended once."""

    def __init__(self, app: Asgi, title: str, log: Callable[[str], None]) -> None:
        """Takes the app and its name in errors; `log` gets the errors of its end."""
        self.state: dict[str, object] = {}
        """`scope["state"]` as the app left it; each request gets a copy."""
        self._app = app
        self._title = title
        self._log = log
        # Messages for the app's `receive`.
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        # Done when the app answers the last message.
        self._answer: asyncio.Future[Message] | None = None
        # The app's call, from the start on.
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts the app, which may not support lifespan. Raises HookError if it fails."""
        answer = await self._tell("startup")
        if answer["type"] == "lifespan.startup.failed":
            raise HookError(f"{self._title}: did not start: {answer.get('message', '')}")

    async def end(self) -> None:
        """Ends the app and waits for it; errors are logged."""
        if self._task is None or self._task.done():
            return
        answer = await self._tell("shutdown")
        if answer["type"] == "lifespan.shutdown.failed":
            self._log(f"{self._title}: did not end well: {answer.get('message', '')}")
        await asyncio.wait([self._task])

    async def _tell(self, what: str) -> Message:
        """Sends startup or shutdown; returns the answer, or an empty one if the app returned."""
        answer = self._answer = asyncio.get_running_loop().create_future()
        self._inbox.put_nowait({"type": f"lifespan.{what}"})
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        await asyncio.wait([answer, self._task], return_when=asyncio.FIRST_COMPLETED)
        return answer.result() if answer.done() else {"type": ""}

    async def _run(self) -> None:
        asgi = {"version": "3.0", "spec_version": "2.0"}
        scope: dict[str, object] = {"type": "lifespan", "asgi": asgi, "state": self.state}
        has_response = False

        async def send(message: Message) -> None:
            nonlocal has_response
            has_response = True
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(message)

        try:
            await self._app(scope, self._inbox.get, send)
        except Exception as exc:
            # Before any answer it only means that the app does not support lifespan.
            if has_response:
                self._log(f"{self._title}: lifespan failed: {exc!r}")
