"""The start page."""

from eggd import Controller


class HomeController(Controller):
    """Answers `/`."""

    async def index(self) -> str:
        """Greet as the config says."""
        return self.config.greeting
