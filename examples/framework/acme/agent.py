"""What the agent of every app does."""

from eggd import Boot


class AcmeBoot(Boot):
    """Says who answers for the app."""

    async def did_ready(self, error: Exception | None = None) -> None:
        self.logger.info("%s is of team %s", self.app.name, self.config.acme.team)
