"""The body of a request: what has arrived, and waiting for what has not.

Filled by the connection, read by the app. It knows no socket: it asks its `source` (the
connection) for more, and tells it when it holds enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from eggd.errors import HttpError

_SMALL = 4096
"""Parts below this many bytes are joined with the next one, so that many small packets cost little
more memory than their bytes."""


class Source(Protocol):
    """Where a body's bytes come from."""

    def body_wanted(self) -> None:
        """Reads on: somebody waits (also the moment to send 100 Continue)."""


class Body:
    """A request's body; `present` tells whether the request has one at all."""

    __slots__ = (
        "_collecting",
        "_error",
        "_limit",
        "_parts",
        "_source",
        "_waiter",
        "complete",
        "held",
        "length",
        "present",
        "size",
    )

    def __init__(self, source: Source | None, length: int | None, limit: int) -> None:
        """Expects `length` bytes (None: unknown) of at most `limit`, from `source` (None: none)."""
        self.present = source is not None
        self.complete = source is None
        self.length = length
        self.size = 0
        self.held = 0
        self._limit = limit
        self._source = source
        self._parts: list[bytes] = []
        self._collecting = False
        self._error: HttpError | None = None
        self._waiter: asyncio.Future[None] | None = None

    @classmethod
    def whole(cls, data: bytes | None) -> Body:
        """Returns a body that has arrived already; None: the request has none."""
        made = cls(None, len(data or b""), len(data or b""))
        if data is not None:
            made.present = True
            made.feed(data)
        return made

    @property
    def data(self) -> bytes:
        """All that arrived and was not iterated over; the whole body once `complete`."""
        if len(self._parts) > 1:
            self._parts = [b"".join(self._parts)]
        return self._parts[0] if self._parts else b""

    async def read(self, limit: int | None = None) -> bytes:
        """Returns the whole body.

        Raises HttpError 413 above `limit` (or the server's own), 400 when its framing is broken
        or the client went away, 408 when nothing came for `body_timeout`.
        """
        self._collecting = True
        most = self._limit if limit is None else limit
        while True:
            if max(self.size, self.length or 0) > most:
                raise HttpError(413, f"body of more than {most} bytes")
            if self.complete:
                return self.data
            await self._more()

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
        while not self._parts and not self.complete:
            await self._more()
        piece = self.data
        self._parts, self.held = [], 0
        return piece

    def is_full(self, limit: int) -> bool:
        """Tells whether reading should stop because nobody takes what has arrived."""
        return self.held > limit and not self._collecting

    def feed(self, payload: bytes) -> None:
        """Takes what arrived; raises HttpError 413 above the server's limit."""
        self.size += len(payload)
        if self.size > self._limit:
            raise HttpError(413, f"body of more than {self._limit} bytes")
        parts = self._parts
        if len(payload) < _SMALL and parts and len(parts[-1]) < _SMALL:
            parts[-1] += payload
        else:
            parts.append(payload)
        self.held += len(payload)
        self._wake()

    def end(self) -> None:
        """Notes that the body is whole."""
        self.complete = True
        self._wake()

    def fail(self, error: HttpError) -> None:
        """Lets whoever reads, now or later, see `error`."""
        if not self.complete and self._error is None:
            self._error = error
            self._wake()

    async def _more(self) -> None:
        if self._error is not None:
            raise self._error
        if self._waiter is not None:
            raise RuntimeError("two readers of one body")
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            if self._source is not None:
                self._source.body_wanted()
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
