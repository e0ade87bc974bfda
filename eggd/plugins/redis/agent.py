"""The clients of the agent."""

from __future__ import annotations

from eggd import Agent, Boot
from eggd.plugins.redis.hooks import prepare


class RedisAgent(Boot[Agent]):
    """Connects before the agent is ready."""

    def config_did_load(self) -> None:
        """Checks the options; raises ConfigError."""
        prepare(self.app)

    async def did_load(self) -> None:
        """Connects; raises ConfigError if a required server cannot be reached."""
        await self.app.redis.connect()

    async def before_close(self) -> None:
        """Disconnects."""
        await self.app.redis.close()
