"""The agent of every app at Acme."""

from eggd import Agent, Boot


class AcmeBoot(Boot[Agent]):
    """Logs the team that is responsible for the app."""

    async def did_ready(self, error: Exception | None = None) -> None:
        self.logger.info("%s is of team %s", self.app.name, self.config.acme.team)
