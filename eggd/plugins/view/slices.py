"""Output in short turns: a long page lets other requests run while it is rendered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from time import perf_counter

PIECES = 256
"""Pieces of text between two readings of the clock: a fraction of a millisecond."""
TURN = 0.002
"""Seconds that a rendering takes from the event loop at once."""
CHUNK = 16 * 1024
"""Characters of a part of a streamed page, about."""


async def joined(pieces: Iterator[str]) -> str:
    """Returns the whole text; lets the event loop turn every `TURN` seconds."""
    text = list(islice(pieces, PIECES))
    if len(text) < PIECES:
        return "".join(text)
    turn = _Turn()
    while more := list(islice(pieces, PIECES)):
        text += more
        await turn.end()
    return "".join(text)


async def joined_async(pieces: AsyncIterator[str]) -> str:
    """Does the same with the pieces of an async template."""
    turn, text = _Turn(), []
    async for piece in pieces:
        text.append(piece)
        if not len(text) % PIECES:
            await turn.end()
    return "".join(text)


async def chunks(pieces: Iterator[str]) -> AsyncIterator[str]:
    """Yields the text in parts of about `CHUNK` characters."""
    turn, parts, size = _Turn(), list[str](), 0
    for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size >= CHUNK or len(parts) >= PIECES:
            await turn.end()
        if size >= CHUNK:
            yield "".join(parts)
            parts, size = [], 0
        elif len(parts) >= PIECES:
            parts = ["".join(parts)]
    yield "".join(parts)


async def chunks_async(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    """Does the same with the pieces of an async template."""
    turn, parts, size = _Turn(), list[str](), 0
    async for piece in pieces:
        parts.append(piece)
        size += len(piece)
        if size >= CHUNK or not len(parts) % PIECES:
            await turn.end()
        if size >= CHUNK:
            yield "".join(parts)
            parts, size = [], 0
    yield "".join(parts)


class _Turn:
    """The time that a rendering has taken since the event loop ran last."""

    __slots__ = ("_until",)

    def __init__(self) -> None:
        self._until = perf_counter() + TURN

    async def end(self) -> None:
        """Lets the event loop run, if the time is over."""
        if perf_counter() >= self._until:
            await asyncio.sleep(0)
            self._until = perf_counter() + TURN
