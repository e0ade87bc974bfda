"""The transport of one connection: who waits for whom.

Everything here may be asked at any time, before the connection is made and after it is lost.
"""

from __future__ import annotations

import asyncio


class Flow:
    """Pausing and resuming in both directions, and the ways to end."""

    __slots__ = ("_caught_up", "_loop", "_reading", "_transport")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Belong to a connection that is not made yet."""
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._reading = True
        self._caught_up: asyncio.Future[None] | None = None

    def made(self, transport: asyncio.Transport) -> None:
        """Take the transport."""
        self._transport = transport

    def lost(self) -> None:
        """Let the transport go; nobody waits any more."""
        self._transport = None
        self.release()

    def hand_over(self, protocol: asyncio.BaseProtocol) -> None:
        """Let `protocol` take what comes from here on."""
        if self._transport is not None:
            self._transport.set_protocol(protocol)

    @property
    def open(self) -> bool:
        """Whether anything can still be asked of the transport."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def reading(self) -> bool:
        """Whether what the client sends is taken."""
        return self._reading

    @property
    def held(self) -> bool:
        """Whether the client does not take what was written."""
        return self._caught_up is not None

    @property
    def unsent(self) -> int | None:
        """Bytes the client should be taking, None when it is not being waited for."""
        if self._caught_up is None or self._transport is None:
            return None
        return self._transport.get_write_buffer_size()

    def hold(self) -> None:
        """Let writers wait: too much is unsent."""
        self._caught_up = self._loop.create_future()

    def release(self) -> None:
        """Let writers go on."""
        waiter, self._caught_up = self._caught_up, None
        if waiter is not None:
            waiter.set_result(None)

    async def writable(self) -> None:
        """Return when the client has taken enough of what was written, or is gone."""
        if self._caught_up is not None:
            await asyncio.shield(self._caught_up)

    def pause_reading(self) -> None:
        """Take no more from the client."""
        if self._reading and self._transport is not None and self.open:
            self._reading = False
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Take from the client again."""
        if not self._reading and self._transport is not None and self.open:
            self._reading = True
            self._transport.resume_reading()

    def half_close(self) -> None:
        """End our side once everything written has left, and read on."""
        if self._transport is not None and self.open:
            self.resume_reading()
            self._transport.write_eof()

    def close(self) -> None:
        """Close once everything written has left."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close now; what is unsent is lost."""
        if self._transport is not None:
            self._transport.abort()
