"""An answer that a test reads while it is being made: `with client.stream("GET", "/events")`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from eggd.testing.conversation import Conversation
from eggd.testing.response import Fields
from eggd.testing.running import LIMIT, Running
from eggd.wire.events import Event

__tracebackhide__ = True  # a test that fails here failed in its own line


class Stream:
    """Status and fields, and the content piece by piece: `for chunk in stream`.

    Raises ConnectionError where the content ends too early, TimeoutError where a piece takes longer
    than 30 s. Leaving `with` before the end is a client that goes away.
    """

    def __init__(self, running: Running, conversation: Conversation) -> None:
        self._running = running
        self._chunks = conversation.chunks()
        self.status: int = conversation.status
        """Its status code."""
        self.headers: Fields = conversation.headers
        """Its header fields."""

    def __iter__(self) -> Iterator[bytes]:
        while (chunk := self._running.run(self._next(), LIMIT)) is not None:
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self._running.call(self._next(), LIMIT)) is not None:
            yield chunk

    def events(self) -> Iterator[Event]:
        """Yields Server-Sent Events, their data as text."""
        parser = EventParser()
        for chunk in self:
            yield from parser.feed(chunk)

    async def _next(self) -> bytes | None:
        return await anext(self._chunks, None)


class EventParser:
    """From pieces of an event stream as eggd sends it to its events (HTML, section 9.2.6)."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yields the events that are whole; comments are none."""
        *whole, self._rest = (self._rest + chunk).split(b"\n\n")
        for block in whole:
            fields = [line.partition(": ") for line in block.decode().split("\n")]
            data = [value for name, _, value in fields if name == "data"]
            if data:
                other = {name: value for name, _, value in fields}
                retry = float(other["retry"]) / 1000 if "retry" in other else None
                named = {"event": other.get("event", ""), "id": other.get("id", "")}
                yield Event(data="\n".join(data), retry=retry, **named)
