"""A WebSocket message, joined from its frames (RFC 6455 section 5.4): bytes in, values out.

Work and memory are linear in the bytes received: nothing is summed or copied once per frame.
"""

from __future__ import annotations

import codecs

from eggd.wire.websocket import BrokenFrameError, FrameHead, Op, text

FRAGMENTS = 131_072
"""Most frames of one message: twice those of 4 MiB in frames of 64 bytes. More is 1009."""

_decoder = codecs.getincrementaldecoder("utf-8")


class MessageParts:
    """The message whose frames are being received."""

    def __init__(self, limit: int) -> None:
        """Starts empty; a message above `limit` bytes is rejected with 1009."""
        self._limit = limit
        # TEXT or BINARY within a message, CONTINUATION between messages.
        self._kind = Op.CONTINUATION
        self._frames = 0
        self._data = bytearray()
        # Checks UTF-8 as it arrives; None unless a text message has several parts.
        self._decoder: codecs.IncrementalDecoder | None = None

    def begin(self, head: FrameHead, size: int) -> None:
        """Takes the head of a data frame with `size` bytes of payload.

        Raises BrokenFrameError 1002 if the frame may not follow the previous one, and 1009 if the
        message has too many bytes or frames.
        """
        if (head.op is Op.CONTINUATION) is (self._kind is Op.CONTINUATION):
            raise BrokenFrameError(
                1002, "a message inside another, or a continuation without a first frame"
            )
        self._kind = head.op or self._kind
        self._frames += 1
        if len(self._data) + size > self._limit:
            raise BrokenFrameError(1009, f"a message of more than {self._limit} bytes")
        if self._frames > FRAGMENTS:
            raise BrokenFrameError(1009, f"a message of more than {FRAGMENTS} frames")

    def add(self, piece: bytes, *, last: bool) -> str | bytes | None:
        """Adds unmasked payload; returns the message after its `last` piece, else None.

        Raises BrokenFrameError 1007 at the first piece of a text message that is not valid UTF-8.
        """
        if last and not self._data and self._decoder is None:
            message = text(piece) if self._kind is Op.TEXT else piece
        else:
            self._keep(piece, last)
            if not last:
                return None
            message = self._data.decode() if self._kind is Op.TEXT else bytes(self._data)
        self._kind, self._frames, self._decoder = Op.CONTINUATION, 0, None
        self._data = bytearray()
        return message

    def _keep(self, piece: bytes, last: bool) -> None:
        self._data += piece
        if self._kind is Op.TEXT:
            decoder = self._decoder = self._decoder or _decoder()
            try:
                decoder.decode(piece, last)
            except UnicodeDecodeError:
                raise BrokenFrameError(1007, "malformed UTF-8 in a text message") from None
