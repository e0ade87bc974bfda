"""Sessions on a Redis or Valkey server, as egg-session-redis keeps them: JSON under the id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from redis.exceptions import RedisError

from eggd.plugins.session.codec import decode, dump
from eggd.plugins.session.stores import ONE_DAY, StoreDownError

if TYPE_CHECKING:
    from redis.asyncio import Redis, RedisCluster

T = TypeVar("T")


class RedisStore:
    """A store that hosts and Node applications can share, on a client of the plugin redis.

    Every method raises StoreDownError if the server does not answer; the plugin redis logs the
    outage. The next call tries again.
    """

    def __init__(
        self,
        client: Redis | RedisCluster,
        replicas: int,
        timeout: float,
        problem: Callable[[], str],
    ) -> None:
        """Prepares; `set` waits until as many replicas have the entry, for `timeout` seconds.

        `problem()` returns what the plugin redis has logged of the client, "" while it works.
        """
        self._client = client
        self._problem = problem
        self._replicas = replicas
        self._timeout = timeout

    async def get(self, key: str) -> dict[str, object] | None:
        """Returns the entry; None if it does not exist, or is not a session."""
        text = await self._answer(self._client.get(key))
        try:
            return decode(text.decode() if isinstance(text, bytes) else text) if text else None
        except UnicodeDecodeError:
            return None

    async def set(self, key: str, entry: dict[str, object], max_age: float | None) -> None:
        """Sets the entry, which the server removes after `max_age`."""
        text, milliseconds = dump(entry), max(1, round((max_age or ONE_DAY) * 1000))
        if self._replicas:
            await self._replicate(key, text, milliseconds)
        else:
            await self._answer(self._client.set(key, text, px=milliseconds))

    async def destroy(self, key: str) -> None:
        """Removes the entry."""
        await self._answer(self._client.delete(key))

    async def _replicate(self, key: str, text: str, milliseconds: int) -> None:
        # WAIT counts the replicas that have all writes of its own connection.
        pipeline = self._client.pipeline(transaction=False)
        pipeline.set(key, text, px=milliseconds)
        pipeline.wait(self._replicas, max(1, round(self._timeout * 1000)))
        _, reached = await self._answer(pipeline.execute())
        if reached < self._replicas:
            text = f"{reached} of {self._replicas} replicas have the session"
            raise StoreDownError(f"session store: {text}")

    async def _answer(self, command: Awaitable[T]) -> T:
        try:
            return await command
        except (RedisError, OSError) as exc:
            # The error of a pipeline quotes its command, which has the session.
            text = f"session store: {str(exc).rpartition(' of pipeline caused error: ')[2]}"
            is_reported = bool(self._problem())
            raise StoreDownError.reported(text) if is_reported else StoreDownError(text) from None
