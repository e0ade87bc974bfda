"""Data that hosts share."""

from eggd import Service


class StockService(Service):
    """Stock in Redis."""

    async def count(self, sku: str) -> int:
        """Returns the stock of an article."""
        text: str | bytes | None = await self.app.redis.get("main").get(sku)
        return int(text or 0)

    async def hosts(self) -> list[str]:
        """Returns the hosts that run."""
        return await self.app.messenger.cluster.hosts()
