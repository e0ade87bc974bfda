"""One accepted socket under a server, from its first byte to its last.

What every connection has whatever is said on it: its flow, its peer, the page for what never
becomes an exchange, and its end. It knows neither requests nor bodies: those are `connection`'s,
which builds on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from eggd.errors import HttpError
from eggd.http.answer import Clock, error_page, status_line
from eggd.http.detach import Detached
from eggd.http.flow import Flow
from eggd.http.shared import Shared, address

_LINGER = 1024 * 1024
"""Bytes read away after the last answer; a client that sends more meets a reset."""


class Link(asyncio.Protocol):
    """The socket's side of a connection."""

    __slots__ = (
        "_eof",
        "_flow",
        "_last",
        "_lingered",
        "_loop",
        "_peer",
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
        self._flow = Flow(loop)
        self._peer: tuple[str, int] = ("", 0)
        self._eof = False
        self._last = False
        self._lingered = -1
        self._taken: Detached | None = None
        self.clock: Clock = shared.clock
        self.keep = True
        self.touched = True
        self.watch: object = None
        self.write: Callable[[bytes], None] = drop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket."""
        self._flow.made(cast("asyncio.Transport", transport))
        self.write = cast("asyncio.Transport", transport).write
        self._peer = address(transport.get_extra_info("peername"))
        self._last = self._shared.draining

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the socket go; what is written from here on is dropped."""
        self._flow.lost()
        self.write = drop

    @property
    def scheme(self) -> str:
        """The scheme of what is said on the socket: "https" on TLS, else "http"."""
        return self._shared.scheme

    def peer(self) -> tuple[str, int]:
        """Return the remote address and port."""
        return self._peer

    async def writable(self) -> None:
        """Return when the client has taken enough of what was written, or is gone."""
        await self._flow.writable()

    @property
    def unsent(self) -> int:
        """Bytes the client has still to take, where it is being waited for; else 0."""
        return self._flow.unsent

    def refuse(self, error: HttpError) -> None:
        """Answer what never becomes an exchange with the error page, and close."""
        self._shared.log_refused(self._peer, error.status, error.message)
        page = error_page(error.status)
        kind = b"Content-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n" % len(page)
        fields = self.clock.fields(keep=False)
        self.write(b"".join((status_line(error.status), kind, fields, b"\r\n", page)))
        self.end(linger=True)

    def close(self) -> None:
        """Close once everything written has left."""
        self._flow.close()

    def abort(self) -> None:
        """Drop the connection now."""
        self._flow.abort()

    def last(self) -> None:
        """Let what is under way be the last (drain)."""
        self._last = True
        if self._taken is not None:
            self._taken.drain()

    def end(self, *, linger: bool) -> None:
        """Close after the last answer; linger where the client may still be sending, as a reset
        would take the answer from it (RFC 9112 section 9.6)."""
        self.keep = False
        self._lingered = max(0, self._lingered)
        if linger and not self._eof:
            self._flow.half_close()
        else:
            self._flow.close()

    def _linger(self, size: int, *, answering: bool) -> None:
        """Read `size` bytes away, up to a limit."""
        self._lingered += size
        if self._lingered <= _LINGER:
            return
        if answering:
            self._flow.pause_reading()
        else:
            self.abort()

    def _hand_over(self, held: bytes) -> Detached:
        """Leave HTTP, with what has arrived; nothing here reads or writes the socket again."""
        taken = self._taken = Detached(self._flow, self.write, self.connection_lost, held)
        self._flow.hand_over(taken)
        self._flow.resume_reading()
        if self._last:
            self._loop.call_soon(taken.drain)
        return taken


def drop(_data: bytes) -> None:
    """Write to nobody: the client is gone."""
