"""One TCP connection: bytes in, exchanges out, one at a time, in order.

The hot path is `data_received` -> `_serve_one` -> `Input.request` -> `handle` -> `Exchange.send` ->
`write`. Time limits are the server's (`sweep`): here only `began` and `progressed` are set, so that
a request needs no timer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import cast

from eggd.errors import HttpError
from eggd.http.answer import CONTINUE, Refusal, closes
from eggd.http.detach import Detached
from eggd.http.exchange import Exchange
from eggd.http.exchange_events import Event
from eggd.http.flow import FULL_READ, Flow, address
from eggd.http.head import without_blank_lines
from eggd.http.input import HEAD, Input, State
from eggd.http.meter import COUNTED, QUICK
from eggd.http.shared import Shared

_IN_A_TURN = 255
"""Pipelined requests served before other connections get a turn."""


class Connection(asyncio.Protocol):
    """The protocol of one accepted socket; `input.state` says what its next bytes are."""

    __slots__ = (
        *("_detached", "_loop", "_meter", "_shared", "began", "clock", "draining", "exchange"),
        *("fixed", "flow", "input", "ip", "keep", "lost", "peer", "scheme", "watch", "write"),
    )

    def __init__(self, shared: Shared[Connection], loop: asyncio.AbstractEventLoop) -> None:
        """Belongs to the server of `shared`, on `loop`."""
        self._shared = shared
        self._meter = shared.meter
        self._loop = loop
        # The socket for another protocol, after `detach`.
        self._detached: Detached | None = None
        self.flow = Flow(loop, shared.hang_ups, self.hung_up)
        """The transport: pausing, resuming and ending."""
        self.input = Input(shared.config, shared.methods, self._resume_reading)
        """The client's bytes."""
        self.exchange: Exchange | None = None
        """The request whose answer is not complete; after `detach` it stays until the end."""
        self.began = COUNTED
        """When that began (time.monotonic), or COUNTED (`Meter`)."""
        # The rest is what `Link` describes, and the sweep's own note of what it saw last.
        self.clock = shared.clock
        self.fixed = shared.fixed
        self.scheme = shared.scheme
        self.peer = ("", 0)
        self.ip: str | None = None
        self.draining = False
        self.keep = True
        self.lost = False
        self.write: Callable[[bytes], None] = _drop
        self.watch: object = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Joins the server's connections."""
        self.flow.attach(cast("asyncio.Transport", transport))
        self.write = cast("asyncio.Transport", transport).write
        if not self.peer[0]:  # no PROXY header has set it
            self.peer = address(transport.get_extra_info("peername"))
        self.draining = self._shared.draining
        self._shared.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Serves the complete requests in `data`, and keeps the rest."""
        incoming = self.input
        state = incoming.state
        if state is HEAD:
            if incoming.buffer:
                data = incoming.add_to_head(data)
            if data and (rest := self._serve_one(data)):
                self._serve_more(rest)
        elif state is State.BODY:
            self._receive_body(data)
        elif state is State.HELD:
            incoming.buffer += data
            self._pause_if_full()
        else:
            self.flow.discard(len(data), answering=self.exchange is not None)

    def eof_received(self) -> bool:
        """Answers what a half-closed client has requested (RFC 9112 section 9.6), else closes;
        asyncio's TLS always closes."""
        self.flow.input_ended = self.draining = True
        if not self.flow.can_half_close:
            self.write = _drop
            return False
        self._client_left()
        if self.input.body is not None:
            self.fail_body(HttpError(400, "the client closed in the middle of a body"))
        elif self.exchange is not None and not self.input.buffer:
            self.keep = False
        self._go_on_soon()
        return bool(self.exchange or self.flow.writing_paused or self.input.buffer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Leaves the server; notifies the open exchange."""
        self.flow.lost()
        self.lost = True
        self.write = _drop
        self._shared.connections.discard(self)
        self.input.lost()
        self._meter.aborted(self)
        if self.exchange is not None:
            self.exchange.notify(Event.ABORTED, self._shared.log_failure)
            self.exchange.notify(Event.LOST, self._shared.log_failure)
        self._shared.on_connection_lost()

    def hung_up(self, reset: bool) -> None:
        """Notifies the open exchange that the client closed while reading was paused."""
        if reset or not self.flow.can_half_close:
            self.abort()
        else:
            self._client_left()

    def pause_writing(self) -> None:
        """Pauses writers and the next request: the client reads too slowly."""
        self.flow.pause_writing()
        self._move()

    def resume_writing(self) -> None:
        """Resumes: the client has caught up."""
        self.flow.resume_writing()
        self._move()
        self._go_on_soon()

    # The exchange's calls (`Link`).

    async def writable(self) -> None:
        """Returns when the client has taken enough of what was written, or has disconnected."""
        await self.flow.writable()

    async def send_file(self, file: int, start: int, end: int) -> int:
        """Sends bytes of an open file; returns how many, -1 if it cannot."""
        return await self.flow.send_file(file, start, end)

    def settle_body(self) -> None:
        """Clears `keep` if too much of the request's body is still to come."""
        if self.input.body is not None and not self.input.body.is_short:
            self.keep = False

    def finished(self, exchange: Exchange, now: float) -> None:
        """Goes on to the next request, or closes: the answer is complete."""
        self.exchange = None
        meter, seconds = self._meter, now - self.began
        if seconds <= QUICK and exchange.status < 300:
            meter.quick += 1
            meter.seconds += seconds
        else:
            meter.answered(exchange.status, seconds)
        if self.input.state is HEAD and self.keep:
            return  # answered by `handle` itself: `_serve_one` goes on
        if self.input.body is not None:
            self.input.body.skipping = True
            self.settle_body()
        self.flow.resume_reading()
        if self.keep:
            self._move()
            if self.input.buffer:
                self._go_on_soon()
            return
        wants_close = exchange.version == "1.0" or closes(exchange.headers.get("connection"))
        whole = self.input.state in (HEAD, State.HELD) and not self.input.buffer
        self._end(linger=not (wants_close and whole), sending=not whole)

    def abort(self) -> None:
        """Drops the connection now."""
        self._meter.aborted(self)
        self.flow.abort()

    def detach(self) -> Detached:
        """Hands the socket over, with the received bytes: this object reads and writes no more."""
        if self.input.body is not None:
            raise RuntimeError("the request's body is still to come")
        self._meter.switched(self)
        buffered = self.input.take_buffer()
        detached = self._detached = Detached(self.flow, self.write, self.connection_lost, buffered)
        self.flow.hand_over(detached)
        self.flow.resume_reading()
        if self.draining:
            self._loop.call_soon(detached.drain)
        return detached

    # The server's calls, and its sweep's.

    def drain(self) -> None:
        """Makes the current request the last one."""
        self.draining = True
        if self._detached is not None:
            self._detached.drain()
        if self.exchange is not None:
            self.exchange.notify(Event.DRAINING, self._shared.log_failure)
        if self.exchange is not None and not self.input.buffer:
            self.keep = False

    def refuse(self, error: HttpError, request: bytes) -> None:
        """Answers a request that never becomes an exchange, and closes; HEAD gets no content."""
        content = not without_blank_lines(request).startswith(b"HEAD ")
        self._end_input(error)
        self._shared.refuse_connection(error, self.peer, partial(self._send_refusal, content))

    def fail_body(self, error: HttpError) -> None:
        """Ends the input: the body's reader gets `error`, and the open exchange is the last."""
        self._end_input(error)
        if self.exchange is None:
            self._end(linger=True)

    def log_timeout(self) -> None:
        """Logs the request whose handler took too long (core:APP-10)."""
        request = repr(self.exchange).strip("<>")
        self._shared.log("warn", f"[http_server] A request `{request}` timeout with client")

    # Requests.

    def _serve_more(self, data: bytes) -> None:
        """Serves requests; after some hundred in one turn the rest waits for the next."""
        for _ in range(_IN_A_TURN):
            data = self._serve_one(data)
            if not data:
                return
        self.input.buffer = data
        self._pause_if_full()
        self._go_on_soon()

    def _serve_one(self, data: bytes) -> bytes:
        """Serves the first request in `data`; returns what to serve next, b"" to wait."""
        incoming = self.input
        try:
            head = incoming.request(data)
        except HttpError as exc:
            self.refuse(exc, data)
            return b""
        if head is None:
            if self.flow.input_ended:
                self.flow.close()
            return b""
        self.keep = incoming.persists
        exchange = Exchange(self, head, incoming.headers, incoming.content)  # pyright: ignore[reportArgumentType]
        self.exchange = exchange
        if incoming.body is not None and incoming.buffer:
            self._receive_body(incoming.take_buffer())
        if self.draining:
            self._begin_late(exchange)
        self.began = monotonic()
        try:
            self._shared.handle(exchange)
        except (Exception, asyncio.CancelledError):
            self._shared.fail(exchange)
        if self.exchange is not None:
            self._move()
        elif incoming.buffer and incoming.state is HEAD:
            return incoming.take_buffer()
        return b""

    def _receive_body(self, data: bytes) -> None:
        self.flow.progressed = True
        body = self.input.body
        try:
            complete = self.input.receive_body(data)
        except HttpError as exc:
            self.fail_body(exc)
            return
        if complete:
            self._move()
            if self.exchange is None:
                self._go_on_soon()
        elif body is not None and body.is_full(self._shared.config.read_buffer):
            self.flow.pause_reading()
        elif len(data) >= FULL_READ:
            self.flow.end_turn()

    def _resume_reading(self) -> None:
        """Reads on; the first time also answers `Expect: 100-continue` (RFC 9110 10.1.1)."""
        body = self.input.body
        if body is not None and body.expecting:
            body.expecting = False
            if self.exchange is not None and not self.exchange.started:
                self.write(CONTINUE)
        self.flow.resume_reading()

    # A client that has closed its sending side (FIN) may wait for the answer (half-close, RFC 9112
    # section 9.6) or have disconnected; only a reset shows the latter.

    def _client_left(self) -> None:
        exchange = self.exchange
        if exchange is not None and not exchange.aborted:
            self.flow.watch_reset()
            self.write = self.flow.counting_progress(self.write)
            exchange.notify(Event.ABORTED, self._shared.log_failure)

    def _begin_late(self, exchange: Exchange) -> None:
        """Begins an exchange while the server drains or after the client has closed its side."""
        if not self.input.buffer:
            self.keep = False
        exchange.aborted = self.flow.input_ended

    # Pausing, going on and ending.

    def _move(self) -> None:
        self.input.move(busy=self.exchange is not None or self.flow.writing_paused)

    def _pause_if_full(self) -> None:
        if len(self.input.buffer) > self._shared.config.read_buffer:
            self.flow.pause_reading()

    def _go_on_soon(self) -> None:
        """Serves buffered requests from the loop: not inside a handler, nor in its context."""
        if self.flow.open:
            self._loop.call_soon(self._go_on, context=self._shared.context.copy())

    def _go_on(self) -> None:
        if self.exchange is not None or self.input.state is not HEAD or not self.flow.open:
            return
        self.flow.resume_reading()
        if self.input.buffer:
            self._serve_more(self.input.take_buffer())
        elif self.flow.input_ended:
            self.flow.close()

    def _end_input(self, error: HttpError) -> None:
        self.keep = False
        self.input.end(error)

    def _end(self, *, linger: bool, sending: bool = True) -> None:
        """Closes after the last answer (`Flow.end`)."""
        self._end_input(HttpError(400, "answered before the end of the body"))
        self.flow.end(linger=linger, sending=sending)

    def _send_refusal(self, content: bool, refusal: Refusal) -> None:
        if self.flow.open:
            self._meter.refused(refusal.status)
            fixed = self.fixed.besides(refusal.names)
            self.write(refusal.encode(self.clock, fixed, content=content))
            self.flow.end(linger=True)


def _drop(_data: bytes) -> None:
    """Drops what is written after the connection is lost."""
