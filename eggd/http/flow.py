"""The transport of one connection: pausing and resuming in both directions, and how it ends.

Every method may be called at any time, before the connection is made and after it is lost.
"""

from __future__ import annotations

import asyncio
import fcntl
import struct
import termios
from collections.abc import Callable

from eggd.http.file_sending import duplicate, finish, send_some, socket_of, writable
from eggd.http.hangup import HangUps, HungUp

_TURN = 16
"""Writes after which other connections get a turn, if the client takes all of them at once."""

FULL_READ = 250_000
"""Bytes of a read that fills uvloop's buffer: uvloop then reads again, up to 32 times in one turn,
which takes 3 to 30 ms."""

_LINGER = 256 * 1024 * 1024
"""Bytes discarded after the last answer: some clients send their whole body before they read. A
client that sends more gets a reset."""

_LINGER_TIME = 30.0
"""Seconds during which received bytes extend `linger_timeout` (nginx's lingering_time)."""

_HELD_BACK = 1024 * 1024
"""Bytes discarded while the last answer is not complete; reading pauses beyond that."""


class Flow:
    """One connection's transport."""

    __slots__ = (
        "_discarded",
        "_ending",
        "_hang_ups",
        "_linger_until",
        "_loop",
        "_reading",
        "_taking_file",
        "_transport",
        "_turn_ended",
        "_watched",
        "_writes",
        "_writing_resumed",
        "hung_up",
        "input_ended",
        "progressed",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, hang_ups: HangUps, hung_up: HungUp) -> None:
        """Prepares the flow of a connection that is not open yet.

        `hung_up` is called when the client closes while reading is paused.
        """
        self.hung_up: HungUp | None = hung_up
        self.input_ended = False
        """Whether the client has closed its sending side."""
        self.progressed = True
        """Whether the client or a handler made progress since the sweep's last tick."""
        self._hang_ups = hang_ups
        # The watched file descriptor, or -1.
        self._watched = -1
        self._loop = loop
        # None before the connection is made and after it is lost.
        self._transport: asyncio.Transport | None = None
        self._reading = True
        # Whether the transport is paused until the next turn, whatever `_reading` is.
        self._turn_ended = False
        # Whether we have closed our sending side.
        self._ending = False
        # Bytes discarded, and until when (loop time) they extend `linger_timeout`.
        self._discarded = 0
        self._linger_until = 0.0
        # Calls of `writable`: each sixteenth gives other connections a turn.
        self._writes = 0
        # Done when the client takes bytes of a file, which the transport does not know of, or the
        # connection is lost; None unless `send_file` waits.
        self._taking_file: asyncio.Future[None] | None = None
        # Done when the client has caught up; None unless writing should pause.
        self._writing_resumed: asyncio.Future[None] | None = None

    def attach(self, transport: asyncio.Transport) -> None:
        """Takes the transport of the open connection."""
        self._transport = transport

    def lost(self) -> None:
        """Forgets the transport; waiting writers resume."""
        self._unwatch()
        self.hung_up = None
        self._transport = None
        self.resume_writing()
        finish(self._taking_file)

    def hand_over(self, protocol: asyncio.BaseProtocol) -> None:
        """Passes all later events of the transport to `protocol`."""
        if self._transport is not None:
            self._transport.set_protocol(protocol)

    @property
    def open(self) -> bool:
        """Whether the transport exists and is not closing."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def reading(self) -> bool:
        """Whether the client's bytes are read."""
        return self._reading

    @property
    def writing_paused(self) -> bool:
        """Whether the client reads too slowly: writing should pause."""
        return self._writing_resumed is not None

    @property
    def ending(self) -> bool:
        """Whether we have closed our sending side, and the connection is not lost yet."""
        return self._ending and self._transport is not None

    @property
    def can_half_close(self) -> bool:
        """Whether one side may close before the other; asyncio's TLS cannot."""
        return self._transport is not None and self._transport.can_write_eof()

    @property
    def unsent(self) -> int:
        """Bytes that wait for the client while writing is paused or ending, else 0."""
        transport = self._transport
        waiters = (self._writing_resumed, self._taking_file)
        if transport is None or (waiters == (None, None) and not self._ending):
            return 0
        return transport.get_write_buffer_size() + _queue_size(transport)

    def pause_writing(self) -> None:
        """Pauses writers: too much is unsent."""
        self._writing_resumed = self._loop.create_future()

    def resume_writing(self) -> None:
        """Resumes writers."""
        waiter, self._writing_resumed = self._writing_resumed, None
        if waiter is not None:
            waiter.set_result(None)

    async def writable(self) -> None:
        """Returns when the client has taken enough of what was written, or has disconnected.

        Gives other connections a turn now and then, even if the client takes everything at once.
        That also lets a closing transport, which drops all bytes silently, report its end.
        """
        if self._writing_resumed is not None:
            await asyncio.shield(self._writing_resumed)
        self._writes += 1
        closing = self._transport is not None and self._transport.is_closing()
        if closing or self._writes % _TURN == 0:
            await asyncio.sleep(0)

    async def send_file(self, file: int, start: int, end: int) -> int:
        """Sends bytes of an open file behind all that was written; returns how many, -1 over TLS.

        They are fewer if the file ends before `end`, or the client disconnects. Raises OSError if
        the file cannot be read.
        """
        transport, sock = self._transport, socket_of(self._transport)
        if transport is None or sock is None:
            return -1
        transport.set_write_buffer_limits(0)
        try:
            while self.open and transport.get_write_buffer_size():
                await self.writable()
            if not self.open:
                return 0
            with duplicate(sock) as descriptor:
                return await self._send_file(descriptor, file, start, end)
        except (BrokenPipeError, ConnectionResetError):
            self.abort()
            return 0
        finally:
            if self.open:
                transport.set_write_buffer_limits()

    async def _send_file(self, descriptor: int, file: int, start: int, end: int) -> int:
        at = start
        try:
            while at < end and self.open:
                sent = await send_some(descriptor, file, at, end)
                if sent < 0:
                    break
                if sent == 0:
                    self._taking_file = self._loop.create_future()
                    await writable(descriptor, self._taking_file)
                    self._taking_file = None
                else:
                    self.progressed = True
                at += sent
        finally:
            self._taking_file = None
        return at - start

    def pause_reading(self) -> None:
        """Stops reading from the client."""
        if self._reading and self._transport is not None and self.open:
            self._reading = False
            if not self._turn_ended:
                self._transport.pause_reading()
            self._watch(input_ended=False)

    def resume_reading(self) -> None:
        """Reads from the client again."""
        if not self._reading and self._transport is not None and self.open:
            self._reading = True
            self._unwatch()
            if not self._turn_ended:
                self._transport.resume_reading()

    def end_turn(self) -> None:
        """Reads on in the next turn of the loop, after those of other connections."""
        if self._reading and not self._turn_ended and self._transport is not None and self.open:
            self._turn_ended = True
            self._transport.pause_reading()
            self._loop.call_soon(self._read_on)

    def _read_on(self) -> None:
        self._turn_ended = False
        if self._reading and self._transport is not None and self.open:
            self._transport.resume_reading()

    def watch_reset(self) -> None:
        """Watches for a reset after the client has closed its sending side."""
        if self._watched < 0:
            self._watch(input_ended=True)

    def end(self, *, linger: bool, sending: bool = True) -> None:
        """Closes once everything written has been sent; the client may still be `sending`.

        With `linger` only our sending side is closed, and reading goes on: a reset, the reply to
        bytes after a close, would destroy the last answer (RFC 9112 section 9.6).
        """
        if not linger or self.input_ended:
            self.close()
            return
        self._linger_until = self._loop.time() + _LINGER_TIME
        if self._transport is None or not self.open:
            return
        self._ending = True
        self.resume_reading()
        if self.can_half_close:
            self._transport.write_eof()
        elif not sending:
            # asyncio's TLS takes data after its close for an error: while the client is sending,
            # the time limit closes instead.
            self._transport.close()

    def counting_progress(self, write: Callable[[bytes], None]) -> Callable[[bytes], None]:
        """Returns `write` so that each call counts as progress (`progressed`)."""

        def counted(data: bytes) -> None:
            self.progressed = self.progressed or not self.writing_paused
            write(data)

        return counted

    def stop_lingering(self) -> None:
        """Closes; aborts the connection if an earlier close has not finished."""
        if self.open:
            self.close()
        else:
            self.abort()

    def discard(self, size: int, *, answering: bool = False) -> None:
        """Counts discarded bytes: pauses reading beyond a limit while `answering`, else aborts."""
        self._discarded += size
        if size >= FULL_READ:
            self.end_turn()
        if answering:
            if self._discarded > _HELD_BACK:
                self.pause_reading()
        elif self._discarded > _LINGER:
            self.abort()
        elif self._loop.time() < self._linger_until:
            self.progressed = True

    def close(self) -> None:
        """Closes once everything written has been sent."""
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


def address(peer: object) -> tuple[str, int]:
    """Returns the address and port in a socket's peer name; a Unix socket has neither."""
    return tuple(peer[:2]) if isinstance(peer, tuple) else ("", 0)


def _queue_size(transport: asyncio.Transport) -> int:
    """Returns the bytes in the kernel's send queue (SIOCOUTQ, tcp(7)), which no transport counts.

    On TLS they are all there is to see.
    """
    sock = transport.get_extra_info("socket")
    if sock is None or sock.fileno() < 0:
        return 0
    waiting = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4))
    return int(struct.unpack("i", waiting)[0])
