"""Counts in Redis or Valkey: one script for each request, which the server runs as a whole.

The clock is that of the server, so the clocks of the hosts do not matter.
"""

# redis-py types its async clients by the others, whose methods are not awaited.
# pyright: reportGeneralTypeIssues=false, reportArgumentType=false, reportOperatorIssue=false

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from eggd.plugins.ratelimit.stores import Counted, StoreDownError

if TYPE_CHECKING:
    from redis.asyncio import Redis, RedisCluster

PREFIX = "ratelimit:"
"""Text in front of the keys."""
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local start = tonumber(redis.call('GET', KEYS[1]) or now)
if start <= now or start > now + window then start = now end
local wait = start + interval - now - window
if wait > 0 then return {start - now, wait} end
local full_in = start + interval - now
redis.call('SET', KEYS[1], string.format('%.0f', now + full_in), 'PX', math.ceil(full_in / 1000))
return {full_in, 0}
"""
"""The algorithm of `gcra.py`."""


class RedisStore:
    """The counts of several hosts. A key disappears once it has its whole quota again."""

    ticks = 1_000_000
    """Microseconds, the unit of TIME."""

    def __init__(self, client: Redis | RedisCluster, problem: Callable[[], str]) -> None:
        """Prepares; `problem()` returns why the server does not answer, "" while it does."""
        self._client = client
        self._problem = problem

    def open(self) -> None:
        """Does nothing: the plugin redis connects."""

    async def count_shared(self, key: str, interval: int, window: int) -> Counted:
        """Counts one request of a key.

        Raises StoreDownError if Redis does not answer, and at once during an outage: the plugin
        redis finds out when the server is back.
        """
        if problem := self._problem():
            raise StoreDownError(f"rate limits: {problem}")
        try:
            full_in, wait = await self._client.eval(_SCRIPT, 1, PREFIX + key, interval, window)
        except (RedisError, OSError) as exc:
            raise StoreDownError(f"rate limits: {exc}") from exc
        return int(full_in), int(wait)

    def close(self) -> None:
        """Does nothing: the plugin redis owns the client."""
