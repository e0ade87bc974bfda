"""Turns of the event loop for other connections, while one client's frames are read."""

from __future__ import annotations

import asyncio

_FRAME = 256
"""Units of work of one frame besides its payload, whose bytes are a unit each."""

_TURN = 64 * 1024
"""Units of work after which other connections get a turn: 256 frames or 64 KiB, a millisecond."""


class Turns:
    """Counts the work for one client since others had their last turn."""

    def __init__(self) -> None:
        self._work = 0

    async def frame(self) -> None:
        """Notes a frame; gives others a turn when it is due."""
        await self.payload(_FRAME)

    async def payload(self, size: int) -> None:
        """Notes `size` bytes of payload; gives others a turn when it is due."""
        self._work += size
        if self._work >= _TURN:
            self._work = 0
            await asyncio.sleep(0)
