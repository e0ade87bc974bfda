"""Server-Sent Events from an async iterator: `events(ctx, source)`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator

from eggd.app.context.context import Context
from eggd.app.serving.json import dumps
from eggd.wire.events import PING, Event, encode_event


def events(ctx: Context, source: AsyncIterable[object], *, ping: float = 15.0) -> None:
    """Makes the body a stream of events, one for each that `source` yields.

    Text becomes the data of an `Event`, any other value its JSON. The head is sent at once. After
    `ping` seconds without an event a comment is sent, which also detects that a client has
    disconnected. `source` is cancelled and closed then, as any stream is, and when the worker
    stops: browsers reconnect by themselves and reach another worker.
    """
    ctx.set({"Content-Type": "text/event-stream", "Cache-Control": "no-cache, no-transform"})
    ctx.set("X-Accel-Buffering", "no")
    leaving = asyncio.Event()
    ctx.on_drain(leaving.set)
    ctx.body = _encode(source, ping, leaving)


async def _encode(
    source: AsyncIterable[object], ping: float, leaving: asyncio.Event
) -> AsyncIterator[bytes]:
    yield PING
    iterator = aiter(source)
    ending = asyncio.ensure_future(leaving.wait())
    pending = asyncio.ensure_future(_next(iterator))
    try:
        while not leaving.is_set():
            both = {pending, ending}
            await asyncio.wait(both, timeout=ping, return_when=asyncio.FIRST_COMPLETED)
            if not pending.done():
                if not leaving.is_set():
                    yield PING
                continue
            event = pending.result()
            if event is _END:
                return
            yield _bytes(event)
            pending = asyncio.ensure_future(_next(iterator))
    finally:
        ending.cancel()
        if not pending.done():
            pending.cancel()
            await asyncio.wait({pending})
        if (close := getattr(iterator, "aclose", None)) is not None:
            await close()


_END = object()


async def _next(iterator: AsyncIterator[object]) -> object:
    return await anext(iterator, _END)


def _bytes(event: object) -> bytes:
    sent = event if isinstance(event, Event) else Event(data=event)
    data = sent.data
    return encode_event(sent, data if isinstance(data, str) else dumps(data).decode())
