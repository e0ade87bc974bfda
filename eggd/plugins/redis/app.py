"""The clients of a worker."""

from __future__ import annotations

from eggd import Application
from eggd.plugins.redis.hooks import RedisBoot


class RedisApp(RedisBoot[Application]):
    """Connects before the worker is ready."""
