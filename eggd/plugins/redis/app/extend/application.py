"""`app.redis` in a worker."""

from __future__ import annotations

from functools import cached_property

import eggd
from eggd.plugins.redis.clients import RedisClients


class Application(eggd.Application):
    """A worker with clients of Redis."""

    @cached_property
    def redis(self) -> RedisClients:
        """The clients by name; raises ConfigError for a wrong option."""
        return RedisClients(self.config.redis, self.base_dir, lambda: self.core_logger)
