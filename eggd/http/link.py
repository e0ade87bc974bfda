"""One accepted socket under a server, from its first byte to its last.

What every connection has whatever is said on it: its flow, its peer, the page for what never
becomes an exchange, and its end. It knows neither requests nor bodies: those are `connection`'s,
which builds on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from eggd.errors import HttpError
from eggd.http.answer import Clock, has_body, status_line
from eggd.http.detach import Detached
from eggd.http.flow import Flow
from eggd.http.refusal import Refusal
from eggd.http.shared import Shared, address

_LINGER = 256 * 1024 * 1024
"""Bytes discarded after the last answer: some clients send their whole body before they read. A
client that sends more gets a reset."""

_LINGER_TIME = 30.0
"""Seconds during which received bytes extend `linger_timeout` (nginx's lingering_time)."""

_HELD_BACK = 1024 * 1024
"""Bytes discarded while the last answer is not sent yet; reading pauses beyond that."""


class Link(asyncio.Protocol):
    """The socket's side of a connection."""

    __slots__ = (
        "_eof",
        "_flow",
        "_linger_until",
        "_lingered",
        "_loop",
        "_peer",
        "_shared",
        "_taken",
        "clock",
        "draining",
        "keep",
        "lost",
        "touched",
        "watch",
        "write",
    )

    def __init__(self, shared: Shared, loop: asyncio.AbstractEventLoop) -> None:
        """Belongs to the server of `shared`, on `loop`."""
        self._shared = shared
        self._loop = loop
        self._flow = Flow(loop, shared.hang_ups, self.hung_up)
        self._peer: tuple[str, int] = ("", 0)
        self._eof = False
        self.draining = False
        self._lingered = -1
        self._linger_until = 0.0
        self._taken: Detached | None = None
        self.clock: Clock = shared.clock
        self.keep = True
        self.lost = False
        self.touched = True
        self.watch: object = None
        self.write: Callable[[bytes], None] = drop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes the socket."""
        self._flow.made(cast("asyncio.Transport", transport))
        self.write = cast("asyncio.Transport", transport).write
        self._peer = address(transport.get_extra_info("peername"))
        self.draining = self._shared.draining

    def connection_lost(self, exc: Exception | None) -> None:
        """Lets the socket go; what is written from here on is dropped."""
        self._flow.lost()
        self.lost = True
        self.write = drop

    def hung_up(self, reset: bool) -> None:
        """Handles a client that closed while reading is paused."""
        if reset:
            self.abort()

    @property
    def scheme(self) -> str:
        """The scheme of what is said on the socket: "https" on TLS, else "http"."""
        return self._shared.scheme

    def peer(self) -> tuple[str, int]:
        """Returns the remote address and port."""
        return self._peer

    async def writable(self) -> None:
        """Returns when the client has taken enough of what was written, or is gone."""
        await self._flow.writable()

    @property
    def unsent(self) -> int:
        """Bytes the client has still to take, where it is being waited for; else 0."""
        return self._flow.unsent

    def turn_away(self, error: HttpError, *, content: bool) -> None:
        """Answers a request that never becomes an exchange, and closes; HEAD gets no `content`."""
        self._shared.log_refused(self._peer, error.status, error.message)
        made = self._shared.refuse(error, self._peer)
        self.ignore()
        if isinstance(made, Refusal):
            self._say(made, content=content)
        else:
            self._shared.run(self._say_later(made, content=content))

    def close(self) -> None:
        """Closes once everything written has left."""
        self._flow.close()

    def abort(self) -> None:
        """Drops the connection now."""
        self._flow.abort()

    def stop_lingering(self) -> None:
        """Closes; aborts the connection if an earlier close has not finished."""
        if self._flow.open:
            self._flow.close()
        else:
            self._flow.abort()

    def last(self) -> None:
        """Lets what is under way be the last (drain)."""
        self.draining = True
        if self._taken is not None:
            self._taken.drain()

    def ignore(self) -> None:
        """Serves nothing more of what the client sends."""
        self.keep = False
        self._lingered = max(0, self._lingered)

    def end(self, *, linger: bool, sending: bool = True) -> None:
        """Closes after the last answer; lingers if the client may not have received it yet, as a
        reset would destroy the answer (RFC 9112 section 9.6). `sending` tells whether the client
        may be in the middle of a request."""
        self.ignore()
        if linger and not self._eof:
            self._linger_until = self._loop.time() + _LINGER_TIME
            self._flow.half_close(sending=sending)
        else:
            self._flow.close()

    def discard(self, size: int) -> None:
        """Discards `size` bytes received after the last answer."""
        self._linger(size, answering=False)

    def _say(self, refusal: Refusal, *, content: bool) -> None:
        if not self._flow.open:
            return
        status, own, body = refusal
        body = body if has_body(status) else b""
        length = b"Content-Length: %d\r\n" % len(body) if has_body(status) else b""
        fields = self.clock.fields(keep=False)
        head = b"".join((status_line(status), own, length, fields, b"\r\n"))
        self.write(head + body if content else head)
        self.end(linger=True)

    async def _say_later(self, made: Awaitable[Refusal], *, content: bool) -> None:
        self._say(await made, content=content)

    def _linger(self, size: int, *, answering: bool) -> None:
        """Discards `size` bytes, up to a limit of bytes and of time."""
        self._lingered += size
        if answering:
            if self._lingered > _HELD_BACK:
                self._flow.pause_reading()
        elif self._lingered > _LINGER:
            self.abort()
        elif self._loop.time() < self._linger_until:
            self.touched = True

    def _hand_over(self, held: bytes) -> Detached:
        """Leaves HTTP, with what has arrived; nothing here reads or writes the socket again."""
        taken = self._taken = Detached(self._flow, self, held)  # pyright: ignore[reportArgumentType]  # `write` is a function
        self._flow.hand_over(taken)
        self._flow.resume_reading()
        if self.draining:
            self._loop.call_soon(taken.drain)
        return taken


def drop(_data: bytes) -> None:
    """Writes to nobody: the client is gone."""
