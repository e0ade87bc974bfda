"""Sessions on a Redis or Valkey server, as egg-session-redis keeps them: JSON under the id."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from eggd import ConfigError, Logger
from eggd.plugins.session.codec import decode, dump
from eggd.plugins.session.section import RedisOptions
from eggd.plugins.session.stores import ONE_DAY, StoreDownError
from eggd.plugins.session.stores.outage import Outage

T = TypeVar("T")


class RedisStore:
    """A store that hosts and Node applications can share.

    Every method raises StoreDownError if the server does not answer within `timeout`; the next call
    tries again.
    """

    def __init__(self, options: RedisOptions, logger: Logger) -> None:
        try:
            self._pool = BlockingConnectionPool.from_url(
                options.url,
                max_connections=options.max_connections,
                timeout=options.timeout,
                socket_timeout=options.timeout,
                socket_connect_timeout=options.timeout,
                decode_responses=True,
            )
        except ValueError as exc:
            raise ConfigError(
                f"session.redis.url: {exc}",
                hint="redis://HOST:PORT/DB, rediss://, or unix://PATH",
                keys=["session.redis.url"],
            ) from exc
        self._redis = Redis(connection_pool=self._pool)
        self._outage = Outage("the session store on Redis", logger)

    async def get(self, key: str) -> dict[str, object] | None:
        """Returns the entry; None if it does not exist, or is not a session."""
        text = await self._answer(self._redis.get(key))
        return None if text is None else decode(text)

    async def set(self, key: str, entry: dict[str, object], max_age: float | None) -> None:
        """Sets the entry, which the server removes after `max_age`."""
        await self._answer(
            self._redis.set(key, dump(entry), px=max(1, round((max_age or ONE_DAY) * 1000)))
        )

    async def destroy(self, key: str) -> None:
        """Removes the entry."""
        await self._answer(self._redis.delete(key))

    async def close(self) -> None:
        """Closes the connections."""
        await self._pool.disconnect()

    async def _answer(self, command: Awaitable[T]) -> T:
        """Awaits a command, also if the request that sent it is cancelled meanwhile.

        A cancelled command would leave its reply in the connection, for the next request to read
        as its own: somebody else's session (CVE-2023-28858).
        """
        try:
            result = await asyncio.shield(asyncio.ensure_future(command))
        except (RedisError, OSError) as exc:
            self._outage.began(str(exc))
            raise StoreDownError(f"session store: {exc}") from exc
        self._outage.ended()
        return result
