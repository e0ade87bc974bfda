"""The client of plugin redis that the config names, checked before anything connects."""

from __future__ import annotations

from eggd import Agent, Application, ConfigError, EggError
from eggd.plugins.fleet.engine import BLOCK


def check_client(app: Application | Agent) -> None:
    """Checks that the client exists, and that its reads may wait long enough for messages.

    Raises ConfigError naming the key.
    """
    name = app.config.fleet.redis
    most, local = app.config.fleet.max_size, app.config.messenger.max_size
    if most > local:
        text = f"fleet.max_size is {most}, more than messenger.max_size ({local}), which carries it"
        raise ConfigError(
            text, hint="lower it, or raise messenger.max_size", keys=["fleet.max_size"]
        )
    try:
        timeout = app.redis.target(name).timeout
    except EggError as exc:
        text = f"fleet.redis: {exc.message.removeprefix('app.redis: ')}"
        raise ConfigError(text, hint=exc.hint, keys=["fleet.redis"]) from exc
    if timeout <= BLOCK / 1000:
        own = app.config.redis.clients[name].timeout is not None
        key = f"redis.clients.{name}.timeout" if own else "redis.default.timeout"
        text = f"{key} is {timeout:g} s, but plugin fleet waits {BLOCK / 1000:g} s for messages"
        hint = "set it above that, such as '2s', or name another client in fleet.redis"
        raise ConfigError(text, hint=hint, keys=[key])
