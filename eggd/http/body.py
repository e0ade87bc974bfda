"""The body of a request: what has arrived, and waiting for the rest.

The connection fills it (`receive`), the application reads it. `framing` finds its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from io import BytesIO

from eggd.errors import HttpError
from eggd.http.framing import ChunkedFraming, Framing, LengthFraming

_SMALL = 4096
"""Parts below this many bytes are joined with the next one, so that many small packets cost little
more memory than their bytes."""

_SKIPPED = 64 * 1024
"""Bytes of an unread body that are discarded so that the connection can be kept."""


_LONG = 1024 * 1024
"""Bytes of a body from which on its parts are gathered while they arrive: joining the parts of 90
MB in the end blocks the loop for 0.1 to 0.3 s."""


class Body:
    """A request's body; `present` is false for a request without one."""

    __slots__ = (
        "_collecting",
        "_error",
        "_framing",
        "_limit",
        "_long",
        "_parts",
        "_resume_reading",
        "_waiter",
        "complete",
        "expecting",
        "length",
        "present",
        "size",
        "skipping",
        "unread",
    )

    def __init__(
        self, length: int | None, limit: int, resume_reading: Callable[[], None] | None = None
    ) -> None:
        """Expects `length` bytes (None: chunked) of at most `limit`.

        `resume_reading` is called when a reader waits for more; without it no body is present.
        """
        self.present = resume_reading is not None
        self.complete = resume_reading is None
        self.length = length
        # Bytes received so far, and those of them that no reader has taken.
        self.size = 0
        self.unread = 0
        # Whether the client waits for 100 Continue before it sends the body.
        self.expecting = False
        # Whether the answer is complete, and the rest of the body is discarded.
        self.skipping = False
        self._limit = limit
        self._resume_reading = resume_reading
        self._framing: Framing | None = None
        self._parts: list[bytes] = []
        # The parts before those, for a reader that waits for the whole of a long body.
        self._long: BytesIO | None = None
        # Whether a reader waits for the whole body: then reading never pauses.
        self._collecting = False
        # Why no more will come; every reader gets it.
        self._error: HttpError | None = None
        # Done when something arrives; there is at most one reader.
        self._waiter: asyncio.Future[None] | None = None

    @classmethod
    def whole(cls, data: bytes | None) -> Body:
        """Returns a complete body; None means a request without a body."""
        body = cls(len(data or b""), len(data or b""))
        if data is not None:
            body.present = True
            body.feed(data)
        return body

    @classmethod
    def begin(
        cls,
        length: int | None,
        limit: int,
        resume_reading: Callable[[], None],
        *,
        expecting: bool,
    ) -> Body:
        """Returns the body of `length` bytes (None: chunked) behind a head, for `receive` to fill.

        `expecting` is whether the client waits for 100 (Continue) (RFC 9110 section
        10.1.1). Raises HttpError 413 for a length above `limit`.
        """
        if length is not None and length > limit:
            raise HttpError(413, f"body of {length} bytes, more than {limit}")
        body = cls(length, limit, resume_reading)
        body._framing = ChunkedFraming() if length is None else LengthFraming(length)
        body.expecting = expecting
        return body

    def set_limit(self, limit: int) -> None:
        """Replaces the server's limit; raises HttpError 413 for a body that is larger already."""
        self._limit = limit
        size = max(self.size, self.length or 0)
        if size > limit:
            raise HttpError(413, f"body of {size} bytes, more than {limit}")

    @property
    def data(self) -> bytes:
        """All that arrived and was not iterated over; the whole body once `complete`."""
        if self._long is not None:
            self._gather()
            return self._long.getvalue()
        if len(self._parts) > 1:
            self._parts = [b"".join(self._parts)]
        return self._parts[0] if self._parts else b""

    async def read(self, limit: int | None = None) -> bytes:
        """Returns the whole body.

        Raises HttpError 413 above `limit` (default: the server's), 400 when its framing is
        malformed or the client disconnects, 408 when nothing arrived for `body_timeout`.
        """
        self._collecting = True
        most = self._limit if limit is None else limit
        while True:
            if max(self.size, self.length or 0) > most:
                raise HttpError(413, f"body of more than {most} bytes")
            if self.complete:
                return self.data
            await self._more()
            if self.unread >= _LONG:
                self._gather()

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yields the body as it arrives; reading from the client pauses while the caller does not
        iterate."""
        return self

    async def __anext__(self) -> bytes:
        # Not a generator: a cancelled wait would end it, and a truncated body would look complete.
        piece = await self.piece()
        if not piece:
            raise StopAsyncIteration
        return piece

    async def piece(self) -> bytes:
        """Returns the bytes that arrived since the last call, waiting for some; b"" after the end.

        Raises HttpError as `read` does, at every call. A cancelled wait loses no bytes.
        """
        while not self.unread and not self.complete:
            await self._more()
        piece = self.data
        self._parts, self._long, self.unread = [], None, 0
        return piece

    def receive(self, data: bytes) -> bytes | None:
        """Takes received bytes; returns those behind the body once it is complete, else None.

        Raises HttpError for malformed framing, and above the body's limit.
        """
        framing = self._framing
        assert framing is not None
        self.expecting = False
        payload = framing.feed(data)
        if payload and not self.skipping:
            self.feed(payload)
        if not framing.done:
            return None
        if not self.skipping:
            self.complete = True
            self._wake()
        return framing.rest

    def feed(self, payload: bytes) -> None:
        """Adds bytes of the body; raises HttpError 413 above the server's limit."""
        self.size += len(payload)
        if self.size > self._limit:
            raise HttpError(413, f"body of more than {self._limit} bytes")
        parts = self._parts
        if len(payload) < _SMALL and parts and len(parts[-1]) < _SMALL:
            parts[-1] += payload
        else:
            parts.append(payload)
        self.unread += len(payload)
        self._wake()

    def is_full(self, limit: int) -> bool:
        """Returns whether reading should pause: more than `limit` bytes wait for a reader."""
        return self.unread > limit and not self._collecting and not self.skipping

    @property
    def is_short(self) -> bool:
        """Whether the rest is small enough to be read and discarded for the next request."""
        left = self._framing.remaining if self._framing is not None else 0
        return left is not None and left <= _SKIPPED and not self.expecting

    def fail(self, error: HttpError) -> None:
        """Ends an incomplete body: its reader, now or later, gets `error`."""
        if not self.complete and self._error is None:
            self._error = error
            self._wake()

    def _gather(self) -> None:
        """Copies the parts to a buffer, which grows without being copied itself."""
        if self._long is None:
            self._long = BytesIO()
        self._long.writelines(self._parts)
        self._parts = []

    async def _more(self) -> None:
        if self._error is not None:
            raise self._error
        if self._waiter is not None:
            raise RuntimeError("two readers of one body")
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            if self._resume_reading is not None:
                self._resume_reading()
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
