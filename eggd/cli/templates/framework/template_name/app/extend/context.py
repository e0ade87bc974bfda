"""What every `ctx` has in addition."""

import eggd


class Context(eggd.Context):
    """`ctx.team`."""

    @property
    def team(self) -> str:
        """Who answers for the app."""
        return self.app.config.team
