"""Counts in Redis or Valkey: one script for each request, which the server runs as a whole.

The clock is that of the server, so the clocks of the hosts do not matter.
"""

# redis-py types its async clients by the others, whose methods are not awaited.
# pyright: reportGeneralTypeIssues=false, reportArgumentType=false, reportOperatorIssue=false

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from eggd import Outage
from eggd.plugins.ratelimit.stores import Counted, StoreDownError

if TYPE_CHECKING:
    from redis.asyncio import Redis, RedisCluster

PREFIX = "ratelimit:"
"""Text in front of the keys, before the application."""
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local value = redis.pcall('GET', KEYS[1])
local start = type(value) == 'string' and tonumber(value) or now
if start <= now or start > now + window then start = now end
local wait = start + interval - now - window
if wait > 0 then return {start - now, wait} end
local full_in = start + interval - now
redis.call('SET', KEYS[1], string.format('%.0f', now + full_in), 'PX', math.ceil(full_in / 1000))
return {full_in, 0}
"""
"""The algorithm of `gcra.py`. A value that is not one of this script is replaced."""


class RedisStore:
    """The counts of several hosts. A key disappears once it has its whole quota again."""

    ticks = 1_000_000
    """Microseconds, the unit of TIME."""

    def __init__(
        self,
        client: Redis | RedisCluster,
        application: str,
        silence: Callable[[], str],
        outage: Outage,
    ) -> None:
        """Prepares.

        `application` is name and environment of the app: others may use the same server.
        `silence()` returns why the server does not answer, "" while it does; `outage` gets the
        errors of a server that answers.
        """
        self._client = client
        self._prefix = f"{PREFIX}{application}:"
        self._silence = silence
        self._outage = outage

    def open(self) -> None:
        """Does nothing: the plugin redis connects."""

    async def count_shared(self, key: str, interval: int, window: int) -> Counted:
        """Counts one request of a key.

        Raises StoreDownError if Redis does not answer, and at once during an outage: the plugin
        redis finds out when the server is back.
        """
        if silence := self._silence():
            raise StoreDownError(f"rate limits: {silence}")
        # A key may have a part of a surrogate pair, from JSON.
        place = f"{self._prefix}{key}".encode(errors="surrogatepass")
        try:
            full_in, wait = await self._client.eval(_SCRIPT, 1, place, interval, window)
        except (RedisError, OSError) as exc:
            if not self._silence():
                self._outage.failure(exc)
            raise StoreDownError(f"rate limits: {exc}") from exc
        self._outage.success()
        return int(full_in), int(wait)

    def close(self) -> None:
        """Does nothing: the plugin redis owns the client."""
