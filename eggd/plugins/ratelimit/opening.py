"""From the config to the store that it names."""

from __future__ import annotations

from pathlib import Path

from eggd import Application, ConfigError, EggError, Outage
from eggd.plugins.ratelimit.section import RateLimitConfig
from eggd.plugins.ratelimit.stores import Store


def open_store(app: Application, options: RateLimitConfig) -> Store:
    """Returns the store of the config. Raises ConfigError."""
    if options.store == "local":
        from eggd.plugins.ratelimit.table import Table

        # The number is in the name: during a reload that changes it both files are in use.
        return Table(Path(app.rundir, f"ratelimit-{options.keys}"), options.keys)
    if "redis" not in app.plugins.enabled:
        hint = "redis = True in config/plugin.py"
        text = "ratelimit.store 'redis' needs the plugin redis"
        raise ConfigError(text, hint=hint, keys=["ratelimit.store"])
    try:
        client = app.redis.any(options.redis)
    except EggError as exc:
        text = f"ratelimit.redis: {exc.message.removeprefix('app.redis: ')}"
        raise ConfigError(text, hint=exc.hint, keys=["ratelimit.redis"]) from exc
    from eggd.plugins.ratelimit.redis_store import RedisStore

    name = options.redis
    effect = "requests are not limited" if options.when_down == "open" else "requests get 503"
    title = f"[ratelimit] counting by redis client {name!r}"
    outage = Outage(title, lambda: app.core_logger, effect=effect)
    scope = f"{app.name}/{app.env}"
    return RedisStore(client, scope, lambda: app.redis.silence(name), outage)
