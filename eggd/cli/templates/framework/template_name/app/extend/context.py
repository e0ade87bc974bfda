"""What every `ctx` has in addition."""


class Context:
    """`ctx.team`."""

    @property
    def team(self) -> str:
        """Who answers for the app."""
        return self.app.config.team
