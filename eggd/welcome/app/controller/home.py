"""The one page of the welcome app."""

from eggd import Controller


class HomeController(Controller):
    """The page that a host serves right after `apt install eggd`."""

    async def index(self):
        """Says hello, as egg's own first app does."""
        self.ctx.body = "hi, egg"
