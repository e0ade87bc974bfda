"""Reads the frames of a WebSocket client as messages (RFC 6455 section 5).

No input keeps the event loop busy for more than about a millisecond (`Turns`).
"""

from __future__ import annotations

from eggd.http.detach import Detached
from eggd.http.turns import Turns
from eggd.wire.message import MessageParts
from eggd.wire.websocket import (
    FrameHead,
    Op,
    close_reason,
    frame,
    frame_head,
    frame_length,
    unmasked,
)

_PIECE = 64 * 1024
"""Bytes of payload that are unmasked and checked at once."""


class ClientClosedError(Exception):
    """Raised when the client's Close frame arrives; `code` is 1005 if the frame has no code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Incoming:
    """Reads the messages of one client and answers its pings."""

    def __init__(self, detached: Detached, limit: int) -> None:
        """Reads from `detached`; rejects a message above `limit` bytes with 1009."""
        self._detached = detached
        self._parts = MessageParts(limit)
        self._turns = Turns()

    async def message(self) -> str | bytes:
        """Returns the next message.

        Raises ClientClosedError for a Close frame, BrokenFrameError for a violation of the
        protocol, and ConnectionError when the connection ends without a Close frame.
        """
        while True:
            head = frame_head(await self._detached.read(2))
            if head.op >= Op.CLOSE:
                await self._control(head)
            elif (message := await self._data(head)) is not None:
                return message

    async def _control(self, head: FrameHead) -> None:
        mask = await self._detached.read(4)
        payload = unmasked(mask, await self._detached.read(head.length))
        if head.op is Op.CLOSE:
            raise ClientClosedError(*close_reason(payload))
        if head.op is Op.PING:
            self._detached.offer(frame(Op.PONG, payload))
        await self._turns.frame()

    async def _data(self, head: FrameHead) -> str | bytes | None:
        read = self._detached.read
        left = frame_length(await read(head.more)) if head.more else head.length
        self._parts.begin(head, left)
        mask = await read(4)
        await self._turns.frame()
        while left > 0:
            piece = await self._detached.read_some(min(left, _PIECE))
            left -= len(piece)
            message = self._parts.add(unmasked(mask, piece), last=head.final and not left)
            if not left:
                return message
            mask = mask[len(piece) % 4 :] + mask[: len(piece) % 4]
            await self._turns.payload(len(piece))
        return self._parts.add(b"", last=head.final)
