"""The hooks of workers and of the agent."""

from __future__ import annotations

from functools import partial

from eggd import Agent, Application, ConfigError
from eggd.plugins.redis.clients import RedisClients

_HINT = "apt install python3-redis, or pip install 'eggd[redis]'"


def prepare(app: Application | Agent) -> None:
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
