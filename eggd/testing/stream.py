"""A response that is read while it is generated: `with client.stream("GET", "/events")`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from eggd.testing.conversation import Conversation
from eggd.testing.response import Fields
from eggd.testing.running_app import LIMIT, RunningApp
from eggd.wire.events import Event

__tracebackhide__ = True  # pytest shows the line of the test instead


class Stream:
    """Status, header fields, and the content in pieces: `for chunk in stream`.

    Raises ConnectionError if the content ends too early, TimeoutError if a piece takes longer than
    30 s. Leaving `with` before the end disconnects the client.
    """

    def __init__(self, running: RunningApp, conversation: Conversation) -> None:
        self._running = running
        self._chunks = conversation.chunks()
        self.status: int = conversation.status
        self.headers: Fields = conversation.headers

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
    """Parses an event stream as eggd sends it (HTML standard, section 9.2.6)."""

    def __init__(self) -> None:
        # An event that is not complete yet.
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Yields the complete events; comments are skipped."""
        *whole, self._rest = (self._rest + chunk).split(b"\n\n")
        for block in whole:
            fields = [line.partition(": ") for line in block.decode().split("\n")]
            data = [value for name, _, value in fields if name == "data"]
            if data:
                other = {name: value for name, _, value in fields}
                retry = float(other["retry"]) / 1000 if "retry" in other else None
                named = {"event": other.get("event", ""), "id": other.get("id", "")}
                yield Event(data="\n".join(data), retry=retry, **named)
