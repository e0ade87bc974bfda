"""One TCP connection: bytes in, exchanges out, one at a time, in order.

The hot path is `data_received` -> `_serve` -> `_one` -> handle -> `Exchange.send` -> `write`. All
strictness is in `head` and `framing`; httptools reads each good head once more, for its opinion
whether the connection persists and to refuse what it refuses. Times are kept by the server's
sweep (`sweep.py`): here only `touched` is set, so that a request costs no timer.
"""

from __future__ import annotations

import asyncio
import enum
import re
import traceback
from collections.abc import Callable
from contextvars import copy_context
from typing import cast

import httptools

from eggd.errors import HttpError
from eggd.http import head
from eggd.http.answer import CONTINUE, Clock, error_page, status_line
from eggd.http.body import Body
from eggd.http.config import HttpConfig
from eggd.http.detach import Detached
from eggd.http.exchange import Exchange
from eggd.http.flow import Flow
from eggd.http.intake import Intake

_LINGER = 1024 * 1024
"""Bytes read away after the last answer; a client that sends more meets a reset."""

_match_usual = head.match_usual
_blank_lines = re.compile(rb"(?:\r\n)*").match


class Phase(enum.Enum):
    """What a connection waits for, and so the limit it is under (`sweep.py`)."""

    IDLE = "the next request"
    HEAD = "the rest of a head"
    BODY = "the rest of a body"
    HANDLER = "the handler"
    ANSWER = "the rest of an answer"
    CLIENT = "the client to take the answer"
    LINGER = "the client to close"


class Shared:
    """What all connections of a server share."""

    __slots__ = (
        "clock",
        "config",
        "connections",
        "context",
        "draining",
        "handle",
        "left",
        "log",
        "requests",
    )

    def __init__(
        self,
        handle: Callable[[Exchange], None],
        config: HttpConfig,
        log: Callable[[str, str], None],
        left: Callable[[], None],
    ) -> None:
        """Take the server's parts; `left` is called when a connection has ended."""
        self.handle = handle
        self.config = config
        self.log = log
        self.left = left
        self.clock = Clock(config.keep_alive_timeout)
        self.connections: set[Connection] = set()
        self.context = copy_context()
        self.draining = False
        self.requests = 0


class Connection(asyncio.Protocol):
    """The protocol of one accepted socket.

    Its input is in one of four states: free (heads are served), in a body (`_intake`), held
    (an exchange is open, or the client does not take answers), dead (`_lingered` counts).
    """

    __slots__ = (
        "_blocked",
        "_buffer",
        "_eof",
        "_exchange",
        "_flow",
        "_head_limit",
        "_intake",
        "_last",
        "_lingered",
        "_loop",
        "_parser",
        "_peer",
        "_serving",
        "_shared",
        "_taken",
        "clock",
        "keep",
        "touched",
        "watch",
        "write",
    )

    def __init__(self, shared: Shared, loop: asyncio.AbstractEventLoop) -> None:
        """Belong to the server of `shared`, on `loop`."""
        self._shared = shared
        self._loop = loop
        self._parser = httptools.HttpRequestParser(self)
        self._flow = Flow(loop)
        self._peer: tuple[str, int] = ("", 0)
        self._exchange: Exchange | None = None
        self._intake = Intake()
        self._buffer = b""
        self._head_limit = shared.config.head_limit
        self._blocked = False
        self._eof = False
        self._last = False
        self._lingered = -1
        self._serving = False
        self._taken: Detached | None = None
        self.clock: Clock = shared.clock
        self.keep = True
        self.touched = True
        self.watch: object = None
        self.write: Callable[[bytes], None] = _drop

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Join the server's connections."""
        self._flow.made(cast("asyncio.Transport", transport))
        self.write = cast("asyncio.Transport", transport).write
        peer = transport.get_extra_info("peername")
        self._peer = tuple(peer[:2]) if isinstance(peer, tuple) else ("", 0)
        self._last = self._shared.draining
        self._shared.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Serve what is whole in `data`, keep the rest."""
        if self._exchange is None and not self._blocked:
            if self._buffer:
                self._continue(data)
            else:
                self._serve(data)
        elif self._lingered >= 0:
            self._linger(len(data))
        elif self._intake.active:
            self._feed(data)
        else:
            self._buffer += data
            if len(self._buffer) > self._shared.config.read_buffer:
                self._flow.pause_reading()

    def eof_received(self) -> bool:
        """Answer what a half-closed client still waits for (RFC 9112 section 9.6), else close."""
        self._eof = self._last = True
        if self._intake.active:
            self._end_input(HttpError(400, "the client closed in the middle of a body"))
        elif self._exchange is not None and not self._buffer:
            self.keep = False
        self._go_on_soon()
        return bool(self._exchange or self._flow.held or self._buffer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the server; whoever still works on an exchange is told."""
        shared, exchange = self._shared, self._exchange
        shared.connections.discard(self)
        self._flow.lost()
        self._parser = None
        self.write = _drop
        self._intake.fail(HttpError(400, "the client went away"))
        if exchange is not None:
            for callback in exchange.abort():
                self._contained(exchange, callback)
        shared.left()

    def pause_writing(self) -> None:
        """The client does not take what was written: writers wait, no next request is served."""
        self._flow.hold()
        self._block()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._flow.release()
        self._block()
        self._go_on_soon()

    # What httptools calls.

    def on_headers_complete(self) -> None:
        """Ask the parser while it knows: after the message it has forgotten."""
        self.keep = self._parser.should_keep_alive()

    # What the exchange and its body call.

    def peer(self) -> tuple[str, int]:
        """Return the remote address and port."""
        return self._peer

    async def writable(self) -> None:
        """Return when the client has taken enough of what was written, or is gone."""
        await self._flow.writable()

    def settle_body(self) -> None:
        """Decide, before an answer's head leaves, whether the connection outlives its body."""
        if not self._intake.is_short():
            self.keep = False

    def finished(self, exchange: Exchange) -> None:
        """Go on to the next request, or close."""
        self._exchange = None
        if not self.keep or self._blocked or (self._buffer and not self._serving):
            self._after(exchange)

    def abort(self) -> None:
        """Drop the connection now."""
        self._flow.abort()

    def detach(self) -> Detached:
        """Hand the socket over, with what has arrived; nothing here reads or writes it again."""
        if self._intake.active:
            raise RuntimeError("the request's body is still to come")
        held, self._buffer = self._buffer, b""
        taken = self._taken = Detached(self._flow, self.write, self.connection_lost, held)
        self._flow.hand_over(taken)
        self._flow.resume_reading()
        if self._last:
            self._loop.call_soon(taken.drain)
        return taken

    def body_wanted(self) -> None:
        """Read on; the first time also tell a client that asked to go on (RFC 9110 10.1.1)."""
        if self._intake.expecting:
            self._intake.expecting = False
            if self._exchange is not None and not self._exchange.started:
                self.write(CONTINUE)
        self._flow.resume_reading()

    # What the server calls.

    @property
    def phase(self) -> Phase:
        """What is waited for."""
        if self._lingered >= 0 and self._exchange is None:
            return Phase.LINGER
        if self._flow.held:
            return Phase.CLIENT
        if self._intake.active and self._flow.reading and not self._intake.expecting:
            return Phase.BODY
        if self._exchange is not None:
            return Phase.ANSWER if self._exchange.started else Phase.HANDLER
        return Phase.HEAD if self._buffer else Phase.IDLE

    def tell_timeout(self) -> None:
        """Log the request whose handler took too long (core:APP-10)."""
        request = repr(self._exchange).strip("<>")
        self._shared.log("warn", f"[http_server] A request `{request}` timeout with client")

    @property
    def unsent(self) -> int | None:
        """Bytes the client should be taking, None when it is not being waited for."""
        return self._flow.unsent

    def last(self) -> None:
        """Let the next answer on an empty connection be the last (drain)."""
        self._last = True
        if self._taken is not None:
            self._taken.drain()
        elif self._exchange is not None and not self._buffer:
            self.keep = False

    def close(self) -> None:
        """Close once everything written has left."""
        self._flow.close()

    def refuse(self, error: HttpError) -> None:
        """Answer what never becomes an exchange with the error page, and close."""
        host, port = self._peer
        self._shared.log(
            "warn", f"A client ({host}:{port}) error [{error.status}] occurred: {error.message}"
        )
        page = error_page(error.status)
        kind = b"Content-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n" % len(page)
        fields = self.clock.fields(keep=False)
        self.write(b"".join((status_line(error.status), kind, fields, b"\r\n", page)))
        self._close(linger=True)

    def fail_body(self, error: HttpError) -> None:
        """End the input; whoever reads the body sees `error`."""
        self._end_input(error)

    # Requests.

    def _continue(self, data: bytes) -> None:
        """Take more of a head; without a line end in it there is nothing new to judge."""
        self._buffer += data
        if b"\n" in data or len(self._buffer) > self._head_limit:
            data, self._buffer = self._buffer, b""
            self._serve(data)

    def _serve(self, data: bytes) -> None:
        """Serve one request after the other until one stays open or is not whole."""
        self._serving = True
        while data:
            data = self._one(data)
        self._serving = False

    def _one(self, data: bytes) -> bytes:
        """Serve the first request in `data`; return what to serve next, nothing to wait."""
        match = _match_usual(data)
        body = None
        if match is None or match.lastindex == 5 or match.end() > self._head_limit:
            found = self._unusual(data, match)
            if found is None:
                return b""
            match, body = found
            data = match.string
        end = match.end()
        if body is not None:
            end += body.size
        try:
            self._parser.feed_data(data[:end])
        except httptools.HttpParserUpgrade:
            # The offer of another protocol is ignored (RFC 9110 section 7.8).
            self._parser = httptools.HttpRequestParser(self)
        except httptools.HttpParserError as exc:
            self._intake.drop()
            self.refuse(_refusal(exc))
            return b""
        exchange = self._exchange = Exchange(self, match, body)
        if end < len(data):
            self._receive(data[end:])
        if self._last and not self._buffer:
            self.keep = False
        self.touched = True
        shared = self._shared
        shared.requests += 1
        try:
            shared.handle(exchange)
        except (Exception, asyncio.CancelledError):
            self._broken(exchange)
        if self._buffer and self._exchange is None and not self._blocked:
            data, self._buffer = self._buffer, b""
            return data
        return b""

    def _unusual(
        self, data: bytes, match: re.Match[bytes] | None
    ) -> tuple[re.Match[bytes], Body | None] | None:
        """Return match and body of what is not the common case; None when refused or not whole."""
        try:
            length: int | None = 0
            if match is None:
                found = self._other(data)
                if found is None:
                    return None
                match, length = found
            elif match.lastindex == 5:
                length = int(match[5])
            if match.end() > self._head_limit:
                raise head.too_long(match.string, self._head_limit)
            body = self._intake.open(match, length, self, self._shared.config.body_limit)
            self._block()
            return match, body
        except HttpError as exc:
            self.refuse(exc)
            return None

    def _other(self, data: bytes) -> tuple[re.Match[bytes], int | None] | None:
        """Return an unusual head and its body's length; keep an incomplete one."""
        blank = _blank_lines(data)
        if blank is not None and blank.end():
            # RFC 9112 section 2.2: empty lines before a request are ignored.
            data = data[blank.end() :]
        found = head.other(data, self._head_limit)
        if found is None:
            self._buffer = data
            if self._eof:
                self.close()
        return found

    def _receive(self, rest: bytes) -> None:
        """Take what arrived behind a head: its body, or the next request."""
        if self._intake.active:
            self._feed(rest)
        else:
            self._buffer = rest

    def _feed(self, data: bytes) -> None:
        self.touched = True
        try:
            rest = self._intake.feed(data)
        except HttpError as exc:
            self._end_input(exc)
            return
        if rest is not None:
            self._end_body(rest)
        elif self._intake.is_full(self._shared.config.read_buffer):
            self._flow.pause_reading()

    def _end_body(self, rest: bytes) -> None:
        self._buffer = rest
        # The old one waits for a body that it was not given.
        self._parser = httptools.HttpRequestParser(self)
        self._block()
        if self._exchange is None:
            self._go_on_soon()

    def _end_input(self, error: HttpError) -> None:
        """Give up on what the client sends: the answer to what it already sent is the last."""
        self.keep = False
        self._buffer = b""
        self._lingered = 0
        self._intake.fail(error)
        self._block()
        if self._exchange is None:
            self._close(linger=True)

    def _after(self, exchange: Exchange) -> None:
        """Do what is left when an answer is complete and the next request is not simply awaited."""
        if not self._intake.forget():
            self.keep = False
        self._flow.resume_reading()
        if self.keep:
            self._go_on_soon()
            return
        asked = exchange.version == "1.0" or "close" in exchange.headers.get("connection").lower()
        whole = not self._intake.active and not self._buffer and self._lingered < 0
        self._close(linger=not (asked and whole))

    def _broken(self, exchange: Exchange) -> None:
        """Contain an exception of `handle`: it is a bug above, and this client's alone."""
        self._shared.log("error", f"{exchange!r} failed\n{traceback.format_exc()}")
        if exchange.finished:
            return
        self.keep = False
        if exchange.started:
            self.abort()
        else:
            exchange.send(500, b"Content-Type: text/html; charset=utf-8\r\n", error_page(500))

    def _contained(self, exchange: Exchange, call: Callable[[], object]) -> None:
        try:
            call()
        except Exception:
            self._shared.log("error", f"{exchange!r} failed\n{traceback.format_exc()}")

    # Flow.

    def _block(self) -> None:
        """Note whether the next bytes that arrive may be served as a request."""
        self._blocked = self._intake.active or self._flow.held or self._lingered >= 0

    def _go_on_soon(self) -> None:
        """Serve what is held, from the loop: not inside a handler, nor in its context."""
        if self._flow.open and not self._serving:
            self._loop.call_soon(self._go_on, context=self._shared.context.copy())

    def _go_on(self) -> None:
        if self._exchange is not None or self._blocked or not self._flow.open:
            return
        self._flow.resume_reading()
        data, self._buffer = self._buffer, b""
        if data:
            self._serve(data)
        elif self._eof:
            self.close()

    def _close(self, *, linger: bool) -> None:
        """Close after the last answer; linger where the client may still be sending, as a reset
        would take the answer from it (RFC 9112 section 9.6)."""
        self.keep = False
        self._buffer = b""
        self._lingered = max(0, self._lingered)
        self._intake.drop()
        self._block()
        if linger and not self._eof:
            self._flow.half_close()
        else:
            self._flow.close()

    def _linger(self, size: int) -> None:
        self._lingered += size
        if self._lingered > _LINGER:
            if self._exchange is None:
                self.abort()
            else:
                self._flow.pause_reading()


def _drop(_data: bytes) -> None:
    """Write to nobody: the client is gone."""


def _refusal(error: httptools.HttpParserError) -> HttpError:
    status = 501 if isinstance(error, httptools.HttpParserInvalidMethodError) else 400
    return HttpError(status, f"{type(error).__name__}: {error}")
