"""A socket without a kernel: the only fake below a request of a test.

It has the back-pressure of a socket in both directions: unread bytes of the client pause the
server's writing, and the client's bytes wait while the server has paused reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_HIGH, _LOW = 64 * 1024, 16 * 1024
"""Unread bytes at which the server's writing is paused, and resumed."""
_PIECE = 64 * 1024
"""The most bytes that arrive at once, as from a read of a socket."""


class MemoryTransport(asyncio.Transport):
    """The server's end of a connection whose other end is in the same process.

    `take` gets each piece, and b"" at the end; the client calls `read` when it has used bytes.
    """

    def __init__(self, take: Callable[[bytes], None], peer: tuple[str, int]) -> None:
        super().__init__({"peername": peer})
        self._take = take
        self._protocol: asyncio.Protocol | None = None
        # Bytes that the client has not used.
        self._unread = 0
        # The server has paused writing.
        self._waits = False
        self._reading_paused = False
        self._closed = False
        # The server has ended its side.
        self._half = False
        # Bytes of the client that the server has not read.
        self._to_come = bytearray()

    def connect(self, protocol: asyncio.Protocol) -> None:
        """Connects the server's protocol."""
        self._protocol = protocol
        protocol.connection_made(self)

    # Called by the client's end.

    def send(self, data: bytes) -> None:
        """Sends `data` to the server in pieces, as far as it reads."""
        self._to_come += data
        while self._to_come and not self._reading_paused and not self._closed:
            piece = bytes(self._to_come[:_PIECE])
            del self._to_come[:_PIECE]
            self._server.data_received(piece)

    def read(self, size: int) -> None:
        """Notes that the client has used `size` bytes; the server may resume writing."""
        self._unread -= size
        if self._waits and self._unread <= _LOW:
            self._waits = False
            self._server.resume_writing()

    # Called by the server's end.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Sends to the client."""
        if self._closed or self._half:
            return
        self._unread += len(data)
        self._take(bytes(data))
        if self._unread > _HIGH and not self._waits:
            self._waits = True
            self._server.pause_writing()

    def get_write_buffer_size(self) -> int:
        """Returns the number of bytes that the client has not used."""
        return self._unread

    def write_eof(self) -> None:
        """Ends the server's side."""
        self._half = True
        self._take(b"")

    def can_write_eof(self) -> bool:
        """Returns True: a socket can end one side, too."""
        return True

    def is_closing(self) -> bool:
        """Returns whether it is closed."""
        return self._closed

    def close(self) -> None:
        """Closes both sides; called by either."""
        if not self._closed:
            self._closed = True
            self._take(b"")
            asyncio.get_running_loop().call_soon(self._server.connection_lost, None)

    abort = close

    def pause_reading(self) -> None:
        """Pauses the client's bytes."""
        self._reading_paused = True

    def resume_reading(self) -> None:
        """Resumes the client's bytes."""
        self._reading_paused = False
        asyncio.get_running_loop().call_soon(self.send, b"")

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Replaces the server's protocol."""
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    @property
    def _server(self) -> asyncio.Protocol:
        assert self._protocol is not None  # connect() is the first call
        return self._protocol
