"""A connection that has left HTTP: bytes in both directions, until either end closes.

`Exchange.detach` returns it. The server still counts the connection, tells it to drain, and drops
it at the end of the drain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from eggd.http.flow import FULL_READ, Flow

_HELD = 64 * 1024
"""Bytes held for a slow reader before reading from the client pauses."""


class Detached(asyncio.Protocol):
    """The socket of an exchange, for a handler that speaks another protocol on it."""

    def __init__(
        self,
        flow: Flow,
        write: Callable[[bytes], None],
        lost: Callable[[Exception | None], None],
        buffered: bytes,
    ) -> None:
        """Starts with the bytes that the connection has buffered; `lost` is called at its end."""
        self.on_drain: Callable[[], object] | None = None
        """Called when the server drains, to end the conversation; default: `close`."""
        self.heard = False
        """Set whenever the client sends anything; the heartbeat clears it."""
        self.closed = not flow.open
        """Whether nothing more arrives, and nothing more can be sent."""
        self._flow = flow
        self._write = write
        self._lost = lost
        self._buffer = bytearray(buffered)
        # Done when something arrives or the connection is closed; there is at most one reader.
        self._waiter: asyncio.Future[None] | None = None
        # The frame to write when the client has caught up; a later offer replaces an earlier one.
        self._offered = b""

    def data_received(self, data: bytes) -> None:
        """Buffers received bytes for the reader; discards them after `close`."""
        self.heard = True
        if self.closed:
            self._flow.discard(len(data))
            return
        self._buffer += data
        waiter = self._waiter
        if len(self._buffer) > _HELD and (waiter is None or waiter.done()):
            self._flow.pause_reading()
        elif len(data) >= FULL_READ:
            self._flow.end_turn()
        self._wake()

    def eof_received(self) -> None:
        """Closes the transport: other protocols have no half-closed state."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Notifies the reader and the server."""
        self.closed = True
        self._wake()
        self._lost(exc)

    def pause_writing(self) -> None:
        """Notes that the client reads too slowly."""
        self._flow.pause_writing()

    def resume_writing(self) -> None:
        """Notes that the client has caught up."""
        self._flow.resume_writing()
        offered, self._offered = self._offered, b""
        self.write(offered)

    async def read(self, size: int) -> bytes:
        """Returns exactly `size` bytes; raises ConnectionError once closed."""
        while len(self._buffer) < size:
            await self._more()
        return self._take(size)

    async def read_some(self, limit: int) -> bytes:
        """Returns 1 to `limit` bytes as soon as they arrive; raises as `read` does."""
        while not self._buffer:
            await self._more()
        return self._take(limit)

    def write(self, data: bytes) -> None:
        """Sends, unless closed; a long answer awaits `writable()` in between."""
        if data and not self.closed:
            self._write(data)

    def offer(self, data: bytes) -> None:
        """Sends a frame now, or once the client has caught up unless a later offer replaces it.

        For answers such as pongs, which a client may request without limit and never read.
        """
        if self._flow.writing_paused:
            self._offered = data
        else:
            self.write(data)

    @property
    def writing_paused(self) -> bool:
        """Whether the client reads too slowly: writing should pause."""
        return self._flow.writing_paused

    @property
    def unsent(self) -> int:
        """Bytes written that wait for the client while `writing_paused`, else 0."""
        return self._flow.unsent

    async def writable(self) -> None:
        """Returns when the client has taken enough of what was sent; ConnectionError if closed."""
        await self._flow.writable()
        if self.closed or not self._flow.open:
            raise ConnectionResetError("the connection is closed")

    @property
    def reading(self) -> bool:
        """Whether the client's bytes are read: a client that is not read may still be there."""
        return self._flow.reading

    def close(self, *, sending: bool = True) -> None:
        """Closes once everything written has been sent.

        The sending side ends first, and bytes that the client still sends are discarded for a
        while: a reset would destroy the last frame for a client that is still `sending` (RFC 6455
        section 7.1.1).
        """
        if not self.closed:
            self.closed = True
            self._buffer.clear()
            self._offered = b""
            self._wake()
            self._flow.end(linger=True, sending=sending)

    def abort(self) -> None:
        """Closes now; what is unsent is lost."""
        self._flow.abort()

    def drain(self) -> None:
        """Calls `on_drain`, or closes."""
        if self.on_drain is not None:
            self.on_drain()
        else:
            self.close()

    async def _more(self) -> None:
        if self.closed:
            raise ConnectionResetError("the connection is closed")
        self._waiter = asyncio.get_running_loop().create_future()
        self._flow.resume_reading()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _take(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
