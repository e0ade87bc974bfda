"""The plugin in each worker."""

from eggd import Boot


class VisitsBoot(Boot):
    """Adds the middleware, and listens to the agent."""

    def config_did_load(self) -> None:
        self.config.core_middleware.append("visits")

    async def did_load(self) -> None:
        self.app.messenger.on("visits-total", self.learn)
        self.app.visits = self.config.visits.start

    async def server_did_ready(self) -> None:
        self.app.messenger.send_to_agent("visits-ask")

    def learn(self, total: int) -> None:
        """Receives the sum of the agent."""
        self.app.visits = total
