"""Clients that report to a `Reconnection` whether their server answers."""

# redis-py types its async clients by the others, whose methods are not awaited.
# pyright: reportGeneralTypeIssues=false, reportArgumentType=false
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from os import strerror
from socket import gaierror
from ssl import SSLError
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.client import Pipeline
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.exceptions import (
    ClusterDownError,
    ClusterError,
    ConnectionError,
    InvalidResponse,
    RedisClusterException,
    ResponseError,
    TimeoutError,
)

from eggd.plugins.redis.reconnection import Reconnection

T = TypeVar("T")

DOWN = (
    *(ConnectionError, TimeoutError, OSError, InvalidResponse),
    *(ClusterDownError, ClusterError, RedisClusterException),
)
"""The errors of a server that cannot be reached, or is not one of Redis."""

_FULL = "No connection available."
"""The error of a pool whose connections are all in use: the server may well answer."""


class SentinelPool(SentinelConnectionPool, BlockingConnectionPool):  # type: ignore[misc]
    """Connections to the present master; a command waits while all are in use."""


def reason_of(exc: BaseException) -> str:
    """Returns why a server cannot be reached, for logs and errors.

    redis-py words a failed connection as "Error 111 connecting to HOST. 111.", without the reason.
    """
    cause = exc.__cause__ or exc.__context__
    if isinstance(cause, SSLError):
        return str(cause)
    if isinstance(cause, gaierror):
        return cause.strerror or str(cause)
    if isinstance(cause, OSError) and cause.errno and isinstance(exc, ConnectionError):
        return strerror(cause.errno)
    return str(exc).rstrip(".") or type(exc).__name__


async def observed(outage: Reconnection, args: Sequence[object], command: Awaitable[T]) -> T:
    """Awaits a command and reports its result; raises a RedisError or OSError.

    `args` are the words of the command.
    """
    try:
        result = await command
    except DOWN as exc:
        if str(exc) != _FULL:
            outage.failure(reason_of(exc))
        if isinstance(exc, RedisClusterException):  # not a RedisError, which callers catch
            raise ConnectionError(str(exc)) from exc
        raise
    except ResponseError as exc:
        outage.success()
        outage.refusals.failure(args, exc)
        raise
    outage.success()
    outage.refusals.success(args)
    return result


class ObservedRedis(Redis):  # type: ignore[misc]
    """A client of one server, or of the master that sentinels name."""

    outage: Reconnection

    async def execute_command(self, *args: object, **options: object) -> object:
        """Sends a command and returns its answer."""
        return await observed(self.outage, args, super().execute_command(*args, **options))

    async def probe(self) -> None:
        """Connects without a report."""
        await super().execute_command("PING")

    async def disconnect(self) -> None:
        """Closes the connections, those to sentinels, too."""
        await self.connection_pool.disconnect()
        sentinel = getattr(self.connection_pool, "sentinel_manager", None)
        for each in sentinel.sentinels if sentinel is not None else ():
            await each.connection_pool.disconnect()

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        """Returns a pipeline that reports, too."""
        pipeline = ObservedPipeline(
            self.connection_pool, self.response_callbacks, transaction, shard_hint
        )
        pipeline.outage = self.outage
        return pipeline


class ObservedPipeline(Pipeline):  # type: ignore[misc]
    """Several commands that are sent at once."""

    outage: Reconnection

    async def execute(self, raise_on_error: bool = True) -> object:
        """Sends the commands and returns their answers."""
        return await observed(self.outage, ("pipeline",), super().execute(raise_on_error))


class ObservedCluster(RedisCluster):  # type: ignore[misc]
    """A client of a cluster."""

    outage: Reconnection

    async def execute_command(self, *args: object, **options: object) -> object:
        """Sends a command to the node of its key and returns the answer."""
        return await observed(self.outage, args, super().execute_command(*args, **options))

    async def probe(self) -> None:
        """Connects without a report."""
        await self.initialize()

    async def disconnect(self) -> None:
        """Closes the connections."""
        await self.close()
