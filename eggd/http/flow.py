"""The transport of one connection: who waits for whom.

Everything here may be asked at any time, before the connection is made and after it is lost.
"""

from __future__ import annotations

import asyncio
import fcntl
import struct
import termios

from eggd.http.hangup import HangUps, HungUp

_TURN = 16
"""Writes after which the loop gets its turn, where the client takes all of them at once."""


class Flow:
    """Pausing and resuming in both directions, and the ways to end."""

    __slots__ = (
        "_caught_up",
        "_ending",
        "_hang_ups",
        "_loop",
        "_reading",
        "_transport",
        "_watched",
        "_writes",
        "hung_up",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, hang_ups: HangUps, hung_up: HungUp) -> None:
        """Prepares the flow of a connection that is not open yet.

        `hung_up` is called when the client closes while reading is paused.
        """
        self.hung_up: HungUp | None = hung_up
        self._hang_ups = hang_ups
        # The watched file descriptor, or -1.
        self._watched = -1
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._reading = True
        self._ending = False
        self._writes = 0
        self._caught_up: asyncio.Future[None] | None = None

    def made(self, transport: asyncio.Transport) -> None:
        """Takes the transport."""
        self._transport = transport

    def lost(self) -> None:
        """Lets the transport go; nobody waits any more."""
        self._unwatch()
        self.hung_up = None
        self._transport = None
        self.release()

    def hand_over(self, protocol: asyncio.BaseProtocol) -> None:
        """Lets `protocol` take what comes from here on."""
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
    def ending(self) -> bool:
        """Whether our side was ended, and the transport is not gone yet."""
        return self._ending and self._transport is not None

    @property
    def can_half_close(self) -> bool:
        """Whether either side may end before the other: not on TLS, as asyncio has it."""
        return self._transport is not None and self._transport.can_write_eof()

    @property
    def unsent(self) -> int:
        """Bytes the client has still to take, where it is being waited for; else 0."""
        transport = self._transport
        if transport is None or (self._caught_up is None and not self._ending):
            return 0
        return transport.get_write_buffer_size() + _queued(transport)

    def hold(self) -> None:
        """Lets writers wait: too much is unsent."""
        self._caught_up = self._loop.create_future()

    def release(self) -> None:
        """Lets writers go on."""
        waiter, self._caught_up = self._caught_up, None
        if waiter is not None:
            waiter.set_result(None)

    async def writable(self) -> None:
        """Returns when the client has taken enough of what was written, or is gone.

        Who only writes gives the loop its turn now and then: others are waiting, and a transport
        that closes, or is about to, takes everything in silence until the loop says so.
        """
        if self._caught_up is not None:
            await asyncio.shield(self._caught_up)
        self._writes += 1
        closing = self._transport is not None and self._transport.is_closing()
        if closing or self._writes % _TURN == 0:
            await asyncio.sleep(0)

    def pause_reading(self) -> None:
        """Takes no more from the client."""
        if self._reading and self._transport is not None and self.open:
            self._reading = False
            self._transport.pause_reading()
            self._watch(input_ended=False)

    def resume_reading(self) -> None:
        """Takes from the client again."""
        if not self._reading and self._transport is not None and self.open:
            self._reading = True
            self._unwatch()
            self._transport.resume_reading()

    def watch_reset(self) -> None:
        """Watches for a reset after the client has closed its sending side."""
        if self._watched < 0:
            self._watch(input_ended=True)

    def half_close(self, *, sending: bool) -> None:
        """Ends the server's sending side once everything written has been sent; reading goes on.

        asyncio's TLS cannot half-close: data that arrive after its close are an error. So while the
        client is `sending` nothing is closed, and the caller must close later.
        """
        if self._transport is None or not self.open:
            return
        self._ending = True
        self.resume_reading()
        if self.can_half_close:
            self._transport.write_eof()
        elif not sending:
            self._transport.close()

    def close(self) -> None:
        """Closes once everything written has left."""
        self._ending = True
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Closes now; what is unsent is lost."""
        if self._transport is not None:
            self._transport.abort()

    def _watch(self, *, input_ended: bool) -> None:
        sock = self._transport.get_extra_info("socket") if self._transport is not None else None
        if sock is not None and sock.fileno() >= 0 and self.hung_up is not None:
            self._watched = sock.fileno()
            self._hang_ups.watch(self._watched, self.hung_up, input_ended=input_ended)

    def _unwatch(self) -> None:
        if self._watched >= 0:
            self._hang_ups.forget(self._watched, self.hung_up)
            self._watched = -1


def _queued(transport: asyncio.Transport) -> int:
    """Returns the bytes that the kernel holds for the client (SIOCOUTQ, tcp(7)): what waits below
    TLS no transport tells."""
    sock = transport.get_extra_info("socket")
    if sock is None or sock.fileno() < 0:
        return 0
    waiting = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4))
    return int(struct.unpack("i", waiting)[0])
