"""The clients of the agent."""

from __future__ import annotations

from eggd import Agent
from eggd.plugins.redis.hooks import RedisBoot


class RedisAgent(RedisBoot[Agent]):
    """Connects before the agent is ready."""
