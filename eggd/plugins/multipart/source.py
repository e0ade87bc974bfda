"""From the body of a request to the events of its parts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from eggd import Context, HttpError
from eggd.plugins.multipart.boundary import boundary_of
from eggd.plugins.multipart.errors import UploadError, malformed
from eggd.plugins.multipart.framing import Begin, Event, Framing
from eggd.plugins.multipart.headers import HeaderReader
from eggd.plugins.multipart.library import load

DRAIN = 1024 * 1024
"""Bytes of a refused upload that are read and discarded, so that the connection can be kept."""
_DRAIN_TIME = 1.0
"""Seconds that they may take."""
_PARTS_IN_A_TURN = 16
"""Parts after which other requests get a turn: a part takes about 0.1 ms."""


class Source:
    """The events in one body; the client waits while they are not read."""

    def __init__(self, ctx: Context, header_size: int) -> None:
        """Raises UploadError 400 for another media type or a bad boundary, 415 for a coded body."""
        self._boundary = boundary_of(ctx.get("content-type"))
        if (coding := ctx.get("content-encoding").strip().lower()) not in ("", "identity"):
            raise UploadError(415, f"unsupported content encoding {coding!r} of an upload")
        self._body = ctx.exchange.body
        self._header_size = header_size
        # None before the first event: python-multipart is imported in a thread.
        self._framing: Framing | None = None
        self._events: Iterator[Event] = iter(())
        self._parts = 0

    def limit_headers(self, size: int) -> None:
        """Replaces the limit of the header lines of each part."""
        self._header_size = size
        if self._framing is not None:
            self._framing.header_size = size

    async def event(self) -> Event:
        """Returns the next event. Raises HttpError 400 for a malformed or incomplete body."""
        while True:
            for event in self._events:
                if type(event) is Begin:
                    self._parts += 1
                    if self._parts % _PARTS_IN_A_TURN == 0:
                        await asyncio.sleep(0)
                return event
            framing = self._framing or await self._begin()
            data = await self._body.piece()
            if not data:
                raise malformed("unexpected end, the last boundary is missing")
            self._events = framing.feed(data)

    async def drain(self) -> None:
        """Discards a short rest of the body: the client of an early answer may still be sending.

        The HTTP server does the same for a longer one, but then closes the connection.
        """
        body = self._body
        left = DRAIN if body.length is None else body.length - body.size
        if body.expecting or left > DRAIN:
            return
        try:
            async with asyncio.timeout(_DRAIN_TIME):
                while left > 0 and (data := await body.piece()):
                    left -= len(data) if body.length is None else 0
        except (HttpError, TimeoutError):
            pass  # the answer closes the connection

    async def _begin(self) -> Framing:
        await asyncio.to_thread(load)
        headers = HeaderReader(self._boundary)
        self._framing = Framing(self._boundary, headers, self._header_size)
        return self._framing
