"""One request and its answer (RFC 9110 section 3.4): what `http/` hands to the handler.

Uses slots, and decodes a field only when it is read. An answer is either `send` (whole, one write)
or `start`, `write`..., `finish`. Nothing here raises because the client disconnects.

A client disconnects in two steps, of which often only the first is visible. It closes its sending
side (FIN): `aborted` is true and `on_abort` callbacks run, but an answer is still sent, as the
client may be reading. Then the connection is lost (reset, closed by a time limit): `lost` is true,
`on_lost` callbacks run, and later writes are dropped.

Every exchange ends with `send`, `finish` or `detach`: a handler for another
protocol (WebSocket) detaches the socket.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from time import time
from typing import Protocol

from eggd.http.answer import LENGTHS, LINES, Clock, has_body, status_line
from eggd.http.body import Body
from eggd.http.detach import Detached
from eggd.http.headers import Headers

_NEW, _STARTED, _FINISHED = 0, 1, 2

_ONE_WRITE = 64 * 1024
"""Bodies up to this many bytes are copied behind their head: cheaper than a second write."""

_METHODS = {
    name.encode(): name for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
}


class Wire(Protocol):
    """What an exchange needs of its connection."""

    clock: Clock
    draining: bool
    keep: bool
    lost: bool
    write: Callable[[bytes], None]

    @property
    def scheme(self) -> str:
        """The scheme of the connection."""
        ...

    def settle_body(self) -> None:
        """Decides about `keep`, given how much of the request's body is still to come."""

    async def writable(self) -> None:
        """Returns when the client has taken enough of what was written."""

    def finished(self, exchange: Exchange) -> None:
        """Notes that the answer is complete."""

    def abort(self) -> None:
        """Drops the connection now."""

    def detach(self) -> Detached:
        """Hands the socket over."""
        ...

    def peer(self) -> tuple[str, int]:
        """Returns the remote address."""
        ...


class Exchange:
    """One request and its one answer."""

    __slots__ = (
        "_body",
        "_callbacks",
        "_chunked",
        "_content",
        "_headers",
        "_leaving",
        "_left",
        "_losing",
        "_match",
        "_phase",
        "_wire",
        "aborted",
        "has_body",
        "method",
        "path",
        "query",
    )

    def __init__(self, wire: Wire, match: re.Match[bytes], body: Body | bytes | None) -> None:
        """Takes a matched head (`head`) and its body: bytes came with it, None: it has none."""
        method, self.path, query = match.group(1, 2, 3)
        self.method: str = _METHODS.get(method) or method.decode()
        self.query: bytes = query or b""
        self.aborted = False
        self.has_body = body is not None
        self._wire = wire
        self._match = match
        self._body = body
        self._headers: Headers | None = None
        self._phase = _NEW

    @property
    def scheme(self) -> str:
        """The scheme of the connection; a proxy's word for it is the app's to judge."""
        return self._wire.scheme

    @property
    def target(self) -> bytes:
        """The request target in origin-form, or `*`."""
        query = self._match[3]
        return self.path if query is None else b"%b?%b" % (self.path, query)

    @property
    def version(self) -> str:
        """The request's HTTP version, "1.1" or "1.0"."""
        return "1.1" if self._match[4] == b"1" else "1.0"

    @property
    def headers(self) -> Headers:
        """The request's header fields."""
        if self._headers is None:
            self._headers = Headers(self._match)
        return self._headers

    @property
    def body(self) -> Body:
        """The request's body; an empty, complete one when the request has none."""
        body = self._body
        if not isinstance(body, Body):
            body = self._body = Body.whole(body)
        return body

    @property
    def content(self) -> bytes | None:
        """The request's whole content where it came with its head; None says to ask `body`."""
        body = self._body
        return body if type(body) is bytes else None

    @property
    def peer(self) -> tuple[str, int]:
        """Address and port of the other end of the connection."""
        return self._wire.peer()

    @property
    def started(self) -> bool:
        """Whether the answer's head has left."""
        return self._phase != _NEW

    @property
    def finished(self) -> bool:
        """Whether the answer is complete."""
        return self._phase == _FINISHED

    def on_abort(self, callback: Callable[[], object]) -> None:
        """Calls back, once, when the client closes its sending side before the answer is complete.

        At once if it already has. The client may still read, so an answer is still sent.
        """
        if self.aborted:
            callback()
        elif self._phase != _FINISHED:
            self._callbacks: list[Callable[[], object]] = [*self._waiting(), callback]

    @property
    def lost(self) -> bool:
        """Whether the connection is lost: nothing written reaches the client any more."""
        return self._wire.lost

    def on_lost(self, callback: Callable[[], object]) -> None:
        """Calls back, once, when the connection is lost before the answer is complete; at once if
        it already is."""
        if self._wire.lost:
            callback()
        elif self._phase != _FINISHED:
            self._losing = [*self.lose(), callback]

    def on_drain(self, callback: Callable[[], object]) -> None:
        """Calls back, once, when the server begins to end before the answer is complete.

        At once where it already does. For answers that have no end of their own.
        """
        if self._wire.draining:
            callback()
        elif self._phase != _FINISHED:
            self._leaving = [*self.drain(), callback]

    def send(self, status: int, headers: bytes, body: bytes) -> None:
        """Sends the whole answer in one write and finish.

        `headers` are complete lines (`b"Name: value\\r\\n"`) without Content-Length, Date and
        Connection, which are added. HEAD keeps the length and sends no content; 204 and 304 have
        neither. Raises RuntimeError when the answer was started, ValueError for a status below 200.
        """
        if self._phase:
            raise RuntimeError(f"{self!r} was already answered")
        line = LINES.get(status)
        if line is None or self.method == "HEAD" or len(body) > _ONE_WRITE:
            self._send_other(status, headers, body)
            return
        wire = self._wire
        if self._body is not None and type(self._body) is not bytes:
            wire.settle_body()
        now = time()
        clock = wire.clock
        if not clock.since <= now < clock.until:
            clock.tick(now)
        fields = clock.keep if wire.keep else clock.close
        # Adding bytes objects is less than half the cost of join or of one format.
        size = len(body)
        end = LENGTHS[size] if size < len(LENGTHS) else b"Content-Length: %d\r\n\r\n" % size
        wire.write(line + headers + fields + end + body)
        self._phase = _FINISHED
        wire.finished(self)

    def start(self, status: int, headers: bytes, *, length: int | None = None) -> None:
        """Sends the head of an answer whose content follows by `write` and `finish`.

        Without a `length` the content is chunked, or ended by closing for an HTTP/1.0 client.
        Raises as `send` does.
        """
        if self._phase:
            raise RuntimeError(f"{self!r} was already answered")
        line = status_line(status)
        self._phase = _STARTED
        body = has_body(status)
        self._left = length
        self._chunked = body and length is None and self._match[4] == b"1"
        self._content = body and self.method != "HEAD"
        framing = b""
        if body and length is not None:
            framing = b"Content-Length: %d\r\n" % length
        elif self._chunked:
            framing = b"Transfer-Encoding: chunked\r\n"
        elif self._content:
            self._wire.keep = False
        fields = self._wire.clock.fields(keep=self._wire.keep)
        self._wire.write(b"".join((line, headers, fields, framing, b"\r\n")))

    async def write(self, chunk: bytes) -> None:
        """Sends a piece of content; waits while the client is slow. Does nothing once `lost`.

        Raises RuntimeError before `start` and after `finish`, ValueError beyond the length
        promised. Content of an answer that has none (HEAD, 204, 304) is dropped.
        """
        self.put(chunk)
        await self._wire.writable()

    def put(self, chunk: bytes) -> None:
        """`write` without the wait: who puts much awaits `writable()` in between."""
        if self._phase != _STARTED:
            raise RuntimeError(f"{self!r} is not started, or finished")
        if not chunk or not self._content:
            return
        if self._chunked:
            chunk = b"%x\r\n%b\r\n" % (len(chunk), chunk)
        elif self._left is not None:
            if len(chunk) > self._left:
                raise ValueError(f"{self!r}: {len(chunk) - self._left} bytes above the length")
            self._left -= len(chunk)
        self._wire.write(chunk)

    async def writable(self) -> None:
        """Returns when the client has taken enough of what was sent, or is gone."""
        await self._wire.writable()

    def finish(self) -> None:
        """Completes a started answer; one shorter than its promised length drops the connection,
        as nothing else tells the client (RFC 9112 section 8)."""
        if self._phase != _STARTED:
            raise RuntimeError(f"{self!r} is not started, or finished")
        self._phase = _FINISHED
        if self._content and self._chunked:
            self._wire.write(b"0\r\n\r\n")
        elif self._content and self._left:
            self._wire.abort()
        self._wire.finished(self)

    def detach(self) -> Detached:
        """Takes the connection out of HTTP; whoever does writes the answer (101) himself.

        `on_abort` callbacks run when it ends. Raises RuntimeError when the answer was started or
        the request's body is still to come.
        """
        if self._phase:
            raise RuntimeError(f"{self!r} was already answered")
        taken = self._wire.detach()
        self._phase = _FINISHED
        return taken

    def close_after(self) -> None:
        """Makes this answer the last one on its connection (RFC 9112 section 9.6)."""
        self._wire.keep = False

    def cut(self) -> None:
        """Drops the connection: the rest of a started answer cannot be had."""
        self._wire.abort()

    def abort(self) -> list[Callable[[], object]]:
        """Marks the client's side as closed; returns the callbacks (for the connection)."""
        self.aborted = True
        callbacks, self._callbacks = self._waiting(), []
        return callbacks

    def lose(self) -> list[Callable[[], object]]:
        """Returns the callbacks of a lost connection (for the connection)."""
        callbacks: list[Callable[[], object]] = getattr(self, "_losing", [])
        self._losing = []
        return callbacks

    def drain(self) -> list[Callable[[], object]]:
        """Returns whom to tell that the server ends (for the connection)."""
        callbacks: list[Callable[[], object]] = getattr(self, "_leaving", [])
        self._leaving = []
        return callbacks

    def _waiting(self) -> list[Callable[[], object]]:
        try:
            return self._callbacks
        except AttributeError:
            return []

    def _send_other(self, status: int, headers: bytes, body: bytes) -> None:
        """Sends what is not the common case: no content, or more than one write carries well."""
        line = status_line(status)
        length = b"Content-Length: %d\r\n" % len(body) if has_body(status) else b""
        wire = self._wire
        wire.settle_body()
        fields = wire.clock.fields(keep=wire.keep)
        wire.write(b"".join((line, headers, fields, length, b"\r\n")))
        if length and self.method != "HEAD" and body:
            wire.write(body)
        self._phase = _FINISHED
        wire.finished(self)

    def __repr__(self) -> str:
        return f"<{self.method} {self.target.decode('ascii', 'replace')}>"
