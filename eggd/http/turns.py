"""Gives other connections turns of the event loop while one client's frames are read."""

from __future__ import annotations

import asyncio

_FRAME = 256
"""Units of work per frame; each byte of payload adds one unit."""

_TURN = 64 * 1024
"""Units of work after which other connections get a turn: 256 frames or 64 KiB, a millisecond."""


class Turns:
    """Counts the work for one client since the last turn of other connections."""

    def __init__(self) -> None:
        # Units since the last turn of other connections.
        self._work = 0

    async def frame(self) -> None:
        """Counts a frame; yields to other connections when a turn is due."""
        await self.payload(_FRAME)

    async def payload(self, size: int) -> None:
        """Counts `size` bytes of payload; yields to other connections when a turn is due."""
        self._work += size
        if self._work >= _TURN:
            self._work = 0
            await asyncio.sleep(0)
