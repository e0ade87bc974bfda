"""The plugin in the agent, which receives every visit."""

from eggd import Agent, Boot


class VisitsBoot(Boot[Agent]):
    """Adds up the visits and sends the sum to all workers."""

    async def did_load(self) -> None:
        self.total = self.config.visits.start
        self.app.messenger.on("visits-one", self.count)
        self.app.messenger.on("visits-ask", self.tell)

    def count(self, data: object) -> None:
        """Adds one visit."""
        self.total += 1
        self.tell(data)

    def tell(self, data: object) -> None:
        """Sends the sum to every worker."""
        self.app.messenger.send_to_app("visits-total", self.total)
