"""The hooks, which workers and the agent share."""

from __future__ import annotations

from functools import partial
from typing import TypeVar

from eggd import Agent, Application, Boot, ConfigError
from eggd.plugins.redis.clients import RedisClients

A = TypeVar("A", bound=Application | Agent)

_HINT = "apt install python3-redis, or pip install 'eggd[redis]'"


class RedisBoot(Boot[A]):
    """Connects before the process is ready."""

    def config_did_load(self) -> None:
        """Checks the options; raises ConfigError."""
        _prepare(self.app)

    async def did_load(self) -> None:
        """Connects; raises ConfigError if a required server cannot be reached."""
        await self.app.redis.connect()

    async def before_close(self) -> None:
        """Disconnects."""
        await self.app.redis.close()


def _prepare(app: Application | Agent) -> None:
    """Checks the options, and that the library is installed; raises ConfigError."""
    clients: RedisClients = app.redis
    if not clients.names:
        app.warnings.append("redis.clients is empty: app.redis has no client")
        return
    try:
        import redis.asyncio  # noqa: F401
    except ImportError as exc:
        text = f"redis.clients cannot be used: {exc}"
        raise ConfigError(text, hint=_HINT, keys=["redis.clients"]) from exc
    for name in clients.names:
        app.dependencies.add(f"redis {name}", partial(clients.problem, name))
