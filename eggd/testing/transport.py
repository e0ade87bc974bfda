"""The one thing of a request that is not real: its socket. Bytes, back-pressure and ends are.

What the server writes is handed to `take`; a client that has too much unread holds the server up,
and what it sends waits while the server does not read, as with any socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

_HIGH, _LOW = 64 * 1024, 16 * 1024
"""Unread bytes at which the server is told to wait, and to go on."""
_PIECE = 64 * 1024
"""Bytes that arrive at once: what a read of a socket gives at most."""


class MemoryTransport(asyncio.Transport):
    """The server's end of a connection whose other end is in the same process.

    `take` gets each piece, and b"" once at the end; `reader` says with `read` how much it has used.
    """

    def __init__(self, take: Callable[[bytes], None], peer: tuple[str, int]) -> None:
        super().__init__({"peername": peer})
        self._take = take
        self._protocol: asyncio.Protocol | None = None
        self._unread = 0
        self._waits = self._reading_paused = self._closed = self._half = False
        self._to_come = bytearray()

    def connect(self, protocol: asyncio.Protocol) -> None:
        """Begins: `protocol` is the server's."""
        self._protocol = protocol
        protocol.connection_made(self)

    # What the client's end calls.

    def send(self, data: bytes) -> None:
        """Lets the server have `data`, piece by piece, as far as it reads."""
        self._to_come += data
        while self._to_come and not self._reading_paused and not self._closed:
            piece = bytes(self._to_come[:_PIECE])
            del self._to_come[:_PIECE]
            self._server.data_received(piece)

    def read(self, size: int) -> None:
        """Notes that the client has used `size` bytes; a server that waits may go on."""
        self._unread -= size
        if self._waits and self._unread <= _LOW:
            self._waits = False
            self._server.resume_writing()

    # What the server's end calls.

    def write(self, data: Any) -> None:
        """Sends to the client."""
        if self._closed or self._half:
            return
        self._unread += len(data)
        self._take(bytes(data))
        if self._unread > _HIGH and not self._waits:
            self._waits = True
            self._server.pause_writing()

    def get_write_buffer_size(self) -> int:
        """Returns how many bytes the client has not used."""
        return self._unread

    def write_eof(self) -> None:
        """Sends no more."""
        self._half = True
        self._take(b"")

    def is_closing(self) -> bool:
        """Whether it has ended."""
        return self._closed

    def close(self) -> None:
        """Ends both sides; called by either."""
        if not self._closed:
            self._closed = True
            self._take(b"")
            asyncio.get_running_loop().call_soon(self._server.connection_lost, None)

    abort = close

    def pause_reading(self) -> None:
        """Takes no more from the client for now."""
        self._reading_paused = True

    def resume_reading(self) -> None:
        """Takes what the client has sent meanwhile."""
        self._reading_paused = False
        asyncio.get_running_loop().call_soon(self.send, b"")

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Lets another protocol of the server's take over."""
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    @property
    def _server(self) -> asyncio.Protocol:
        assert self._protocol is not None  # connect() is the first call
        return self._protocol
