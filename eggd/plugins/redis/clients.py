"""`RedisClients`: the clients of one process by name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from eggd import ConfigError, EggError, Logger, suggestion_or_list, without_secrets
from eggd.plugins.redis.reconnection import Reconnection
from eggd.plugins.redis.section import RedisConfig
from eggd.plugins.redis.target import Target, target

if TYPE_CHECKING:
    from redis.asyncio import Redis, RedisCluster

    from eggd.plugins.redis.observed import ObservedCluster, ObservedRedis


class RedisClients:
    """`app.redis`: the clients of `redis.clients`, each made at its first use.

    A client keeps its connections until the process ends: do not close it.
    """

    def __init__(self, config: RedisConfig, base_dir: Path, logger: Callable[[], Logger]) -> None:
        """Checks the options; raises ConfigError naming a wrong key."""
        self._targets = {name: target(name, config) for name in config.clients}
        self._base_dir = base_dir
        self._logger = logger
        self._clients: dict[str, ObservedRedis | ObservedCluster] = {}
        self._outages: dict[str, Reconnection] = {}

    @property
    def names(self) -> list[str]:
        """The names of all clients."""
        return list(self._targets)

    def target(self, name: str) -> Target:
        """Returns the options of a client; raises EggError naming the nearest name."""
        if name not in self._targets:
            hint = suggestion_or_list(name, sorted(self._targets), "clients")
            raise EggError(f"app.redis: {name!r}: unknown client", hint=hint)
        return self._targets[name]

    def get(self, name: str) -> Redis:
        """Returns the client of a server, or of the master that sentinels name.

        Raises EggError for an unknown name, and for the name of a cluster.
        """
        if self.target(name).cluster:
            raise EggError(f"app.redis: {name!r} is a cluster", hint=f"app.redis.cluster({name!r})")
        return cast("Redis", self._client(name))

    def cluster(self, name: str) -> RedisCluster:
        """Returns the client of a cluster; raises EggError for a name that is not one."""
        if not self.target(name).cluster:
            raise EggError(f"app.redis: {name!r} is not a cluster", hint=f"app.redis.get({name!r})")
        return cast("RedisCluster", self._client(name))

    def any(self, name: str) -> Redis | RedisCluster:
        """Returns the client of a server, a master or a cluster; raises EggError."""
        self.target(name)
        return self._client(name)

    def problem(self, name: str) -> str:
        """Returns why the server of a client does not answer, or refuses commands; else ""."""
        outage = self._outages.get(name)
        return outage.problem or outage.refusals.problem if outage else ""

    def silence(self, name: str) -> str:
        """Returns why the server of a client does not answer, "" while it does."""
        outage = self._outages.get(name)
        return outage.problem if outage else ""

    async def connect(self) -> None:
        """Connects each client; raises ConfigError if a required one cannot."""
        results = [self._connect(each) for each in self._targets.values()]
        for error in await asyncio.gather(*results, return_exceptions=True):
            if isinstance(error, BaseException):
                raise error

    async def close(self) -> None:
        """Disconnects."""
        for name, client in self._clients.items():
            await self._outages[name].close()
            with suppress(Exception):  # a server that does not answer
                await client.disconnect()

    def _client(self, name: str) -> ObservedRedis | ObservedCluster:
        if name not in self._clients:
            from eggd.plugins.redis.opening import open_client

            target = self.target(name)
            client = self._clients[name] = open_client(target, self._base_dir)
            title = f"[redis] client {name!r} ({target.place})"
            outage = Reconnection(title, self._logger, client.ping)
            client.outage = self._outages[name] = outage
        return self._clients[name]

    async def _connect(self, target: Target) -> None:
        from redis.exceptions import RedisError

        from eggd.plugins.redis.observed import DOWN, reason_of

        client = self._client(target.name)
        try:
            await client.probe()
        except (RedisError, *DOWN) as exc:
            reason = without_secrets(reason_of(exc))
            if target.required:
                raise _unusable(target, exc, reason) from exc
            client.outage.failure(reason)


def _unusable(target: Target, exc: Exception, reason: str) -> ConfigError:
    from redis.exceptions import AuthenticationError, InvalidResponse, ResponseError

    key = f"redis.clients.{target.name}"
    what, hint = (
        "cannot be reached",
        "start the server, or set required = False to start without it",
    )
    if isinstance(exc, AuthenticationError | ResponseError):
        what, hint = "rejects the client", "check username, password and db"
    elif isinstance(exc, InvalidResponse):
        what, hint = "is not a Redis server", "check host and port"
    return ConfigError(f"{key}: {target.place} {what}: {reason}", hint=hint, keys=[key])
