# pyright: reportAttributeAccessIssue=false, reportOptionalMemberAccess=false
"""One TCP connection: bytes in, exchanges out, one at a time, in order.

The hot path is `data_received` -> `_serve` -> `_one` -> handle -> `Exchange.send` -> `write`. All
strictness is in `head` and `framing`; httptools reads each good head once more, for its opinion
whether the connection persists and to refuse what it refuses. Times are kept by the server's
sweep (`sweep.py`): here only `touched` is set, so that a request costs no timer.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import httptools

from eggd.errors import HttpError
from eggd.http import head
from eggd.http.answer import CONTINUE, closes, error_page
from eggd.http.body import Body
from eggd.http.detach import Detached
from eggd.http.exchange import Exchange
from eggd.http.intake import Intake
from eggd.http.link import Link, drop
from eggd.http.shared import Shared
from eggd.http.sweep import Phase

_match_usual = head.match_usual

_IN_A_TURN = 255
"""Pipelined requests served after the first one before other connections get a turn."""

_Found = tuple[re.Match[bytes], Body | bytes | None, int]
"""A head, its body as far as it is here, and where in the head's string both end."""


class Connection(Link):
    """The protocol of one accepted socket.

    Its input is in one of four states: free (heads are served), in a body (`_intake`), held
    (an exchange is open, or the client does not take answers), dead (`_lingered` counts).
    """

    __slots__ = (
        "_blocked",
        "_body_limit",
        "_buffer",
        "_exchange",
        "_head_limit",
        "_intake",
        "_parser",
        "_serving",
    )

    def __init__(self, shared: Shared, loop: asyncio.AbstractEventLoop) -> None:
        """Belongs to the server of `shared`, on `loop`."""
        super().__init__(shared, loop)
        self._parser = httptools.HttpRequestParser(self)
        self._exchange: Exchange | None = None
        self._intake = Intake()
        self._buffer = b""
        self._head_limit = shared.config.head_limit
        self._body_limit = shared.config.body_limit
        self._blocked = False
        self._serving = False

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Joins the server's connections."""
        super().connection_made(transport)
        self._shared.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Serves what is whole in `data`, keep the rest."""
        if self._exchange is None and not self._blocked:
            if self._buffer:
                self._continue(data)
            else:
                self._serve(data)
        elif self._lingered >= 0:
            self._linger(len(data), answering=self._exchange is not None)
        elif self._intake.active:
            self._feed(data)
        else:
            self._buffer += data
            if len(self._buffer) > self._shared.config.read_buffer:
                self._flow.pause_reading()

    def eof_received(self) -> bool:
        """Answers what a half-closed client still waits for (RFC 9112 section 9.6), else close.

        On TLS the transport closes at once (asyncio knows no other way): nothing is answered.
        """
        self._eof = self.draining = True
        if not self._flow.can_half_close:
            self.write = drop
            return False
        self._client_left()
        if self._intake.active:
            self._end_input(HttpError(400, "the client closed in the middle of a body"))
        elif self._exchange is not None and not self._buffer:
            self.keep = False
        self._go_on_soon()
        return bool(self._exchange or self._flow.held or self._buffer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Leaves the server; notifies the open exchange."""
        super().connection_lost(exc)
        shared, exchange = self._shared, self._exchange
        shared.connections.discard(self)
        self._parser = None
        self._intake.fail(HttpError(400, "the client went away"))
        if exchange is not None:
            for callback in [*exchange.abort(), *exchange.lose()]:
                self._contained(exchange, callback)
        shared.left()

    def hung_up(self, reset: bool) -> None:
        """Notifies the open exchange that the client closed while reading was paused."""
        if reset or not self._flow.can_half_close:
            self.abort()
        else:
            self._client_left()

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
        """Asks the parser while it knows: after the message it has forgotten."""
        self.keep = self._parser.should_keep_alive()

    # What the exchange and its body call.

    def settle_body(self) -> None:
        """Decides, before an answer's head leaves, whether the connection outlives its body."""
        if not self._intake.is_short():
            self.keep = False

    def finished(self, exchange: Exchange) -> None:
        """Goes on to the next request, or close."""
        self._exchange = None
        if not self.keep or self._blocked or (self._buffer and not self._serving):
            self._after(exchange)

    def detach(self) -> Detached:
        """Hands the socket over, with what has arrived; nothing here reads or writes it again."""
        if self._intake.active:
            raise RuntimeError("the request's body is still to come")
        held, self._buffer = self._buffer, b""
        return self._hand_over(held)

    def body_wanted(self) -> None:
        """Reads on; the first time also tell a client that asked to go on (RFC 9110 10.1.1)."""
        if self._intake.expecting:
            self._intake.expecting = False
            if self._exchange is not None and not self._exchange.started:
                self.write(CONTINUE)
        self._flow.resume_reading()

    # What the server calls.

    @property
    def phase(self) -> Phase:
        """What is waited for."""
        if self._flow.unsent:
            return Phase.CLIENT
        if self._flow.ending:
            return Phase.LINGER
        if self._intake.active and self._flow.reading and not self._intake.expecting:
            return Phase.BODY
        if self._exchange is not None:
            if self._exchange.aborted:
                return Phase.LEFT
            return Phase.ANSWER if self._exchange.started else Phase.HANDLER
        return Phase.HEAD if self._buffer else Phase.IDLE

    def tell_timeout(self) -> None:
        """Logs the request whose handler took too long (core:APP-10)."""
        request = repr(self._exchange).strip("<>")
        self._shared.log("warn", f"[http_server] A request `{request}` timeout with client")

    def last(self) -> None:
        """Lets the next answer on an empty connection be the last (drain)."""
        super().last()
        if self._exchange is not None:
            for callback in self._exchange.drain():
                self._contained(self._exchange, callback)
        if self._exchange is not None and not self._buffer:
            self.keep = False

    def refuse(self, error: HttpError) -> None:
        """Answers an incomplete request with an error, and closes."""
        self._refuse(error, self._buffer)

    def ignore(self) -> None:
        """Serves nothing more of what the client sends."""
        super().ignore()
        self._buffer = b""
        self._intake.drop()
        self._block()

    def fail_body(self, error: HttpError) -> None:
        """Ends the input; whoever reads the body sees `error`."""
        self._end_input(error)

    # Requests.

    def _continue(self, data: bytes) -> None:
        """Takes more of a head; without a line end in it there is nothing new to judge."""
        self._buffer += data
        if b"\n" in data or len(self._buffer) > self._head_limit:
            data, self._buffer = self._buffer, b""
            self._serve(data)

    def _serve(self, data: bytes) -> None:
        """Serves requests until one stays open or is incomplete; at most 256 in this turn."""
        self._serving = True
        data = self._one(data)
        if data:
            data = self._pipelined(data)
        self._serving = False
        if data:
            self._buffer = data
            if len(data) > self._shared.config.read_buffer:
                self._flow.pause_reading()
            self._go_on_soon()

    def _pipelined(self, data: bytes) -> bytes:
        """Serves more requests; returns the data left for the next turn of the loop."""
        for _ in range(_IN_A_TURN):
            data = self._one(data)
            if not data:
                break
        return data

    def _one(self, data: bytes) -> bytes:
        """Serves the first request in `data`; return what to serve next, nothing to wait."""
        match = _match_usual(data)
        body: Body | bytes | None = None
        if match is not None and match.lastindex != 5 and match.end() <= self._head_limit:
            end = match.end()
        else:
            found = self._whole(data, match) or self._unusual(data, match)
            if found is None:
                return b""
            match, body, end = found
            data = match.string
        try:
            self._parser.feed_data(data[:end])
        except httptools.HttpParserUpgrade:
            # The offer of another protocol is ignored (RFC 9110 section 7.8).
            self._parser = httptools.HttpRequestParser(self)
        except httptools.HttpParserError as exc:
            if not self._takes_method(match, data[:end], exc):
                return b""
        exchange = self._exchange = Exchange(self, match, body)
        if end < len(data):
            self._receive(data[end:])
        if self.draining:
            self._begin_late(exchange)
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

    def _whole(self, data: bytes, match: re.Match[bytes] | None) -> _Found | None:
        """Returns a request that came in one piece with its body; None where it is another case."""
        if match is None:
            return None
        start, length = match.end(), int(match[5] or 0)
        end = start + length
        if not 0 < length <= self._body_limit or end > len(data) or start > self._head_limit:
            return None
        return match, data[start:end], end

    def _takes_method(
        self, match: re.Match[bytes], request: bytes, error: httptools.HttpParserError
    ) -> bool:
        """Returns True if the parser only rejects a method that a route has registered.

        Rejects the request if not, and returns False. Versions of httptools know different methods
        and fail in different ways; all of them know POST.
        """
        self._parser = httptools.HttpRequestParser(self)
        try:
            self._parser.feed_data(b"POST" + request[match.end(1) :])
            known = False
        except httptools.HttpParserUpgrade:
            self._parser = httptools.HttpRequestParser(self)
            known = False
        except httptools.HttpParserError:
            known = True
        method = match[1].decode()
        if not known and method in self._shared.methods:
            return True
        reason = f"{type(error).__name__}: {error}" if known else f"method {method}"
        refusal = HttpError(400 if known else 501, reason)
        self._intake.drop()
        self._refuse(refusal, request)
        return False

    def _refuse(self, error: HttpError, request: bytes) -> None:
        """Rejects a request, without content if it begins with HEAD."""
        self.turn_away(error, content=not head.without_blank_lines(request).startswith(b"HEAD "))

    def _unusual(self, data: bytes, match: re.Match[bytes] | None) -> _Found | None:
        """Returns what is not the common case; None when refused or not whole."""
        try:
            found = head.unusual(data, match, self._head_limit)
            if found is None:
                self._wait(head.without_blank_lines(data))
                return None
            match, length = found
            body = self._intake.open(match, length, self, self._body_limit)
            self._block()
            return match, body, match.end() + (body.size if body is not None else 0)
        except HttpError as exc:
            self._refuse(exc, data)
            return None

    def _wait(self, data: bytes) -> None:
        """Keeps the beginning of a head, unless nothing follows it."""
        self._buffer = data
        if self._eof:
            self.close()

    def _receive(self, rest: bytes) -> None:
        """Takes what arrived behind a head: its body, or the next request."""
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
        """Gives up on what the client sends: the answer to what it already sent is the last."""
        self.keep = False
        self._buffer = b""
        self._lingered = 0
        self._intake.fail(error)
        self._block()
        if self._exchange is None:
            self.end(linger=True)

    def _after(self, exchange: Exchange) -> None:
        """Completes an answer after which the connection does not simply wait for a request."""
        if not self._intake.forget():
            self.keep = False
        self._flow.resume_reading()
        if self.keep:
            self._go_on_soon()
            return
        asked = exchange.version == "1.0" or closes(exchange.headers.get("connection"))
        whole = not self._intake.active and not self._buffer and self._lingered < 0
        self.end(linger=not (asked and whole), sending=not whole)

    def _broken(self, exchange: Exchange) -> None:
        """Contains an exception of `handle`."""
        self._shared.log_failure(exchange)
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
            self._shared.log_failure(exchange)

    # A client that has closed its sending side (FIN) may wait for the answer (half-close, RFC 9112
    # section 9.6) or have disconnected; only a reset shows the latter.

    def _client_left(self) -> None:
        exchange = self._exchange
        if exchange is None or exchange.aborted:
            return
        self._flow.watch_reset()
        self._note_writes()
        for callback in exchange.abort():
            self._contained(exchange, callback)

    def _begin_late(self, exchange: Exchange) -> None:
        """Begins an exchange while the server drains or after the client has closed its side."""
        if not self._buffer:
            self.keep = False
        exchange.aborted = self._eof

    def _note_writes(self) -> None:
        """Counts each later write as progress (`Phase.LEFT`)."""
        write = self.write

        def noted(data: bytes) -> None:
            self.touched = self.touched or not self._flow.held
            write(data)

        self.write = noted

    # Flow.

    def _block(self) -> None:
        """Notes whether the next bytes that arrive may be served as a request."""
        self._blocked = self._intake.active or self._flow.held or self._lingered >= 0

    def _go_on_soon(self) -> None:
        """Serves what is held, from the loop: not inside a handler, nor in its context."""
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
