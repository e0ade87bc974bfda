"""One request and its answer (RFC 9110 section 3.4): what `http/` passes to the handler.

An answer is either `send` (whole, one write) or `start`, `write`..., `finish`. No method raises
because the client disconnects.

A client disconnects in two steps, of which often only the first is visible. It closes its sending
side (FIN): `aborted` is true and `on_abort` callbacks run, but an answer is still sent, as the
client may be reading. Then the connection is lost (reset, closed by a time limit): `lost` is true,
`on_lost` callbacks run, and later writes are dropped.

Every exchange ends with `send`, `finish` or `detach`: a handler for another protocol (WebSocket)
detaches the socket.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from eggd.errors import HttpError
from eggd.http.answer import LENGTHS, LINES, SMALL, has_body, status_line
from eggd.http.body import Body
from eggd.http.detach import Detached
from eggd.http.exchange_events import Callback, Callbacks, Event, split
from eggd.http.fixed_fields import FixedFields
from eggd.http.head import METHOD, MINOR, PATH, QUERY, Head, field_lines
from eggd.http.headers import Headers
from eggd.http.link import Link
from eggd.http.methods import DECODED
from eggd.http.origin import Origin
from eggd.wire.networks import shown_address

_ONE_WRITE = 64 * 1024
"""Bodies up to this many bytes are copied behind their head: cheaper than a second write."""

# A method of an imported name is looked up without a cache: 300 instructions for each request.
_line_of, _method_of = LINES.get, DECODED.get


class Exchange:
    """One request and its one answer."""

    __slots__ = (
        "_body",
        "_callbacks",
        "_chunked",
        "_content",
        "_fixed_lines",
        "_head",
        "_headers",
        "_left",
        "_link",
        "aborted",
        "finished",
        "fixed",
        "has_body",
        "method",
        "origin",
        "path",
        "query",
        "scheme",
        "sent",
        "started",
        "status",
    )

    def __init__(
        self, link: Link[Exchange], head: Head, headers: Headers | None, body: Body | bytes | None
    ) -> None:
        """Takes a request: a whole head without `headers`, or a request line and its headers; the
        body is bytes if it came with the head, None without one."""
        method, self.path, query = head.group(METHOD, PATH, QUERY)
        self.method: str = _method_of(method) or method.decode()
        self.query: bytes = query or b""  # raw, as is `path`
        self.scheme: str = link.scheme  # whatever a proxy's field says
        self.aborted = False
        """Whether the client has closed its sending side before the answer was complete."""
        self.started = False
        """Whether the answer's head has been sent."""
        self.finished = False
        """Whether the answer is complete, or another protocol has the socket."""
        self.status = 0
        """The status of the answer, 101 after `detach`; 0 until the head is sent."""
        self.sent = 0
        """Bytes of content that were sent, without those of chunks and heads."""
        self.has_body = body is not None
        fixed = self.fixed = link.fixed
        """The fields that the answer carries beside those of `send` or `start`."""
        self._fixed_lines = fixed.lines  # and those of `add_line`
        self._link = link
        self._head = head
        # Made when a field is read, unless those of the request before serve this one, too.
        self._headers = headers
        self.origin = None if headers is None else headers.origin
        """The client as log lines show it; None until `read_origin`."""
        # Replaced by a `Body` when a reader asks for it.
        self._body = body
        # Replaced, never changed: most requests have no callbacks.
        self._callbacks: Callbacks = ()
        # `start` sets three more: `_content`, whether the answer has content, `_chunked`, and
        # `_left`, the bytes still promised (None: unknown).

    @property
    def target(self) -> bytes:
        """The request target in origin-form, or `*`."""
        query = self._head[QUERY]
        return self.path if query is None else b"%b?%b" % (self.path, query)

    @property
    def version(self) -> str:
        """The request's HTTP version, "1.1" or "1.0"."""
        return "1.1" if self._head[MINOR] == b"1" else "1.0"

    @property
    def headers(self) -> Headers:
        """The request's header fields."""
        if self._headers is None:
            self._headers = Headers(field_lines(self._head))
        return self._headers

    def mentions(self, text: bytes) -> bool:
        """Returns whether these bytes are in the header fields: cheaper than a missing field."""
        if self._headers is not None:
            return self._headers.lines.find(text) >= 0
        return self._head.string.find(text, self._head.end(MINOR), self._head.end()) >= 0

    @property
    def body(self) -> Body:
        """The request's body; an empty, complete one if the request has no body."""
        body = self._body
        if not isinstance(body, Body):
            body = self._body = Body.whole(body)
        return body

    @property
    def content(self) -> bytes | None:
        """The request's whole content if it came with its head; else None: read `body`."""
        body = self._body
        return body if type(body) is bytes else None

    def limit_body(self, limit: int) -> None:
        """Sets the limit of the body in bytes; raises HttpError 413 for one that is larger."""
        body = self._body
        if isinstance(body, Body):
            body.set_limit(limit)
        elif body is not None and len(body) > limit:
            raise HttpError(413, f"body of {len(body)} bytes, more than {limit}")

    @property
    def peer(self) -> tuple[str, int]:
        """The remote address and port of the connection."""
        return self._link.peer

    def read_origin(self) -> Origin:
        """Returns the origin of this request, and keeps it."""
        link, headers = self._link, self.headers
        if link.ip is None:
            link.ip = shown_address(link.peer[0])
        self.origin = headers.origin = Origin(link.ip, headers.request_id())
        return self.origin

    @property
    def lost(self) -> bool:
        """Whether the connection is lost: nothing written reaches the client any more."""
        return self._link.lost

    def on_abort(self, callback: Callback) -> None:
        """Calls back, once, when the client closes its sending side before the answer is complete;
        at once if it already has. The client may still read, so an answer is still sent."""
        self._call_back(Event.ABORTED, callback, now=self.aborted)

    def on_lost(self, callback: Callback) -> None:
        """Calls back, once, when the connection is lost before the answer is complete; at once if
        it already is."""
        self._call_back(Event.LOST, callback, now=self._link.lost)

    def on_drain(self, callback: Callback) -> None:
        """Calls back, once, when the server begins to stop before the answer is complete; at once
        if it already does. For answers without an end, such as event streams."""
        self._call_back(Event.DRAINING, callback, now=self._link.draining)

    def notify(self, event: Event, failed: Callable[[Exchange], None]) -> None:
        """Runs the callbacks of an event, for the connection; `failed` logs an exception."""
        if event is Event.ABORTED:
            self.aborted = True
        due, self._callbacks = split(self._callbacks, event)
        for callback in due:
            try:
                callback()
            except Exception:
                failed(self)

    def fix(self, fixed: FixedFields) -> None:
        """Replaces the fixed fields of this answer; without effect once it was started."""
        self._fixed_lines = fixed.lines + self._fixed_lines[len(self.fixed.lines) :]
        self.fixed = fixed

    def add_line(self, line: bytes) -> None:
        """Adds a complete field line to the answer, such as a Set-Cookie; it is not checked."""
        self._fixed_lines += line

    def send(self, status: int, headers: bytes, body: bytes) -> None:
        """Sends the whole answer.

        `headers` are complete lines (`b"Name: value\\r\\n"`) without Content-Length, Date and
        Connection, which are added. HEAD keeps the length and sends no content; 204 and 304 have
        neither. Raises RuntimeError when the answer was started, ValueError for a status below 200.
        """
        if self.started:
            raise RuntimeError(f"{self!r} was already answered")
        line = _line_of(status)
        size = len(body)
        if line is None or self.method == "HEAD" or size > _ONE_WRITE:
            self._send_other(status, headers, body)
            return
        link = self._link
        if self._body is not None and type(self._body) is not bytes:
            link.settle_body()
        now = monotonic()
        clock = link.clock
        if now >= clock.until:
            clock.tick(now)
        fields = clock.keep if link.keep else clock.close
        end = LENGTHS[size] if size < SMALL else b"Content-Length: %d\r\n\r\n" % size
        link.write(b"".join((line, headers, self._fixed_lines, fields, end, body)))
        self.status, self.sent = status, size
        self.started = self.finished = True
        link.finished(self, now)

    def start(self, status: int, headers: bytes, *, length: int | None = None) -> None:
        """Sends the head of an answer whose content follows by `write` and `finish`.

        Without a `length` the content is chunked, or ended by closing for an HTTP/1.0 client.
        Raises as `send` does.
        """
        if self.started:
            raise RuntimeError(f"{self!r} was already answered")
        line = status_line(status)
        self.started = True
        self.status = status
        self._left, body = length, has_body(status)
        self._chunked = body and length is None and self._head[MINOR] == b"1"
        self._content = body and self.method != "HEAD"
        framing = b""
        if body and length is not None:
            framing = b"Content-Length: %d\r\n" % length
        elif self._chunked:
            framing = b"Transfer-Encoding: chunked\r\n"
        elif self._content:
            self._link.keep = False
        fields = self._link.clock.fields(keep=self._link.keep)
        self._link.write(b"".join((line, headers, self._fixed_lines, fields, framing, b"\r\n")))

    async def write(self, chunk: bytes) -> None:
        """Sends a piece of content; waits while the client is slow. Does nothing once `lost`.

        Raises RuntimeError before `start` and after `finish`, ValueError beyond the promised
        length. The content of an answer without any (HEAD, 204, 304) is dropped.
        """
        self.put(chunk)
        await self._link.writable()

    def put(self, chunk: bytes) -> None:
        """Sends a piece of content at once; a long answer awaits `writable()` in between."""
        if not self.started or self.finished:
            raise RuntimeError(f"{self!r} is not started, or finished")
        if not chunk or not self._content:
            return
        self.sent += len(chunk)
        if self._chunked:
            chunk = b"%x\r\n%b\r\n" % (len(chunk), chunk)
        elif self._left is not None:
            if len(chunk) > self._left:
                raise ValueError(f"{self!r}: {len(chunk) - self._left} bytes above the length")
            self._left -= len(chunk)
        self._link.write(chunk)

    async def writable(self) -> None:
        """Returns when the client has taken enough of what was sent, or has disconnected."""
        await self._link.writable()

    async def send_file(self, file: int, start: int, end: int) -> bool:
        """Sends bytes of an open file as a piece of content of known length, without copying them
        (sendfile(2)); stops where the file ends.

        Returns False if the connection cannot (TLS). Raises OSError if the file cannot be read.
        """
        if not self._content or self._left is None or end - start > self._left:
            return False
        sent = await self._link.send_file(file, start, end)
        self._left -= max(sent, 0)
        self.sent += max(sent, 0)
        return sent >= 0

    def finish(self) -> None:
        """Completes a started answer; drops the connection if content is missing, so that the
        client notices (RFC 9112 section 8)."""
        if not self.started or self.finished:
            raise RuntimeError(f"{self!r} is not started, or finished")
        self.finished = True
        if self._content and self._chunked:
            self._link.write(b"0\r\n\r\n")
        elif self._content and self._left:
            self._link.abort()
        self._link.finished(self, monotonic())

    def detach(self) -> Detached:
        """Hands the socket over to another protocol; the caller writes the 101 response.

        `on_abort` callbacks run when the connection is lost. Raises RuntimeError when the answer
        was started or the request's body is still to come.
        """
        if self.started:
            raise RuntimeError(f"{self!r} was already answered")
        detached = self._link.detach()
        self.status = 101
        self.started = self.finished = True
        return detached

    def close_after(self) -> None:
        """Makes this answer the last one on its connection (RFC 9112 section 9.6)."""
        self._link.keep = False

    def disconnect(self) -> None:
        """Drops the connection, for a started answer that cannot be completed."""
        self._link.abort()

    def _call_back(self, event: Event, callback: Callback, *, now: bool) -> None:
        if now:
            callback()
        elif not self.finished:
            self._callbacks = (*self._callbacks, (event, callback))

    def _send_other(self, status: int, headers: bytes, body: bytes) -> None:
        """Sends an unusual answer: without content, or with too much to copy behind the head."""
        line = status_line(status)
        length = b"Content-Length: %d\r\n" % len(body) if has_body(status) else b""
        link = self._link
        link.settle_body()
        fields = link.clock.fields(keep=link.keep)
        link.write(b"".join((line, headers, self._fixed_lines, fields, length, b"\r\n")))
        if length and self.method != "HEAD" and body:
            link.write(body)
            self.sent = len(body)
        self.status = status
        self.started = self.finished = True
        link.finished(self, monotonic())

    def __repr__(self) -> str:
        return f"<{self.method} {self.target.decode('ascii', 'replace')}>"
