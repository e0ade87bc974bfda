"""The bytes that Tornado's WebSocket reads, with the fragments of each message joined.

Tornado 6.2 copies the whole received part of a message once per fragment: a few bytes from a client
cost a copy of 10 MiB. So fragments are joined here, in linear time, and Tornado reads one frame
instead. All other frames pass through unchanged, and Tornado checks them.
"""

from __future__ import annotations

from eggd.http.detach import Detached
from eggd.http.turns import Turns
from eggd.wire.message import FRAGMENTS
from eggd.wire.websocket import unmasked

_LIMIT = 16 * 1024 * 1024
"""Bytes of fragments that are held; Tornado's default limit of a message is 10 MiB."""

_TOO_LONG = b"\xff" + (1 << 62).to_bytes(8) + bytes(4)
"""Length and mask of a frame that Tornado rejects with 1009, whatever its limit is."""

_STRAY = b"\x80\x80" + bytes(4)
"""A continuation frame without a first fragment: Tornado closes the connection."""


class JoinedFrames:
    """Reads what `Detached` has, in Tornado's order: head, length, mask, payload."""

    def __init__(self, detached: Detached, limit: int = 0) -> None:
        """Joins up to `limit` bytes, or 16 MiB if that is more."""
        self._detached = detached
        self._limit = max(limit, _LIMIT)
        self._turns = Turns()
        # Bytes to return first, and the number of bytes after them that belong to the same frame.
        self._ready = bytearray()
        self._left = 0
        # First byte of the fragmented message that is arriving, 0 between messages.
        self._first = 0
        self._frames = 0
        self._joined = bytearray()

    async def read(self, size: int) -> bytes:
        """Returns exactly `size` bytes; raises ConnectionError as `Detached.read` does."""
        while size and not self._ready and not self._left:
            await self._frame()
        if not self._ready:
            self._left -= size
            return await self._detached.read(size)
        data = bytes(self._ready[:size])
        del self._ready[:size]
        return data

    async def _frame(self) -> None:
        """Reads the head of the next frame, and the whole frame if it is a fragment."""
        head = await self._detached.read(2)
        more = {126: 2, 127: 8}.get(head[1] & 0x7F, 0)
        extended = await self._detached.read(more)
        size = int.from_bytes(extended) if more else head[1] & 0x7F
        mask = await self._detached.read(4) if head[1] & 0x80 else b""
        await self._turns.frame()
        final, op = head[0] & 0x80, head[0] & 0x0F
        if op >= 8 or (final and not self._first):
            self._ready += head + extended + mask
            self._left = size
        elif bool(op) is bool(self._first):
            self._ready += _STRAY
        else:
            await self._fragment(head[0], size, mask)

    async def _fragment(self, first: int, size: int, mask: bytes) -> None:
        self._first = self._first or first | 0x80
        self._frames += 1
        if len(self._joined) + size > self._limit or self._frames > FRAGMENTS:
            self._ready += bytes([self._first]) + _TOO_LONG
            return
        payload = await self._detached.read(size)
        self._joined += unmasked(mask, payload) if mask else payload
        if first & 0x80:
            length = len(self._joined).to_bytes(8)
            self._ready += bytes([self._first, 0xFF]) + length + bytes(4)
            self._ready += self._joined
            self._first = self._frames = 0
            self._joined = bytearray()
