"""Feature flags in Redis: a key for each, and a channel that names the changed ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "flags"
Listener = Callable[[str], object]


class FlagsClient:
    """One connection for commands, and one that listens."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, decode_responses=True)
        self._listeners: dict[str, Listener] = {}
        self._order = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def ready(self) -> None:
        await self._redis.ping()
        self._task = asyncio.create_task(self._listen())

    async def subscribe(self, name: str, listener: Listener) -> None:
        self._listeners[name] = listener
        await self._report(name)

    async def unsubscribe(self, name: str, listener: Listener) -> None:
        del self._listeners[name]

    async def set(self, name: str, value: str) -> None:
        if not value:
            raise ValueError(f"the flag {name} needs a value")
        await self._redis.set(f"flag:{name}", value)
        await self._redis.publish(CHANNEL, name)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        await self._redis.close()

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    for name in list(self._listeners):  # changed while nothing listened
                        await self._report(name)
                    async for message in channel.listen():
                        if message["type"] == "message":
                            await self._report(message["data"])
            except (RedisError, OSError):
                await asyncio.sleep(1)

    async def _report(self, name: str) -> None:
        async with self._order:  # the last value comes last
            value = await self._redis.get(f"flag:{name}")
            if name in self._listeners:
                self._listeners[name](value or "off")
