"""`app.redis` in the agent."""

from __future__ import annotations

from functools import cached_property

import eggd
from eggd.plugins.redis.clients import RedisClients


class Agent(eggd.Agent):
    """An agent with clients of Redis."""

    @cached_property
    def redis(self) -> RedisClients:
        """The clients by name; raises ConfigError for a wrong option."""
        return RedisClients(self.config.redis, self.base_dir, lambda: self.core_logger)
