"""Members that the framework adds to every `ctx`."""

import eggd


class Context(eggd.Context):
    """`ctx.team`."""

    @property
    def team(self) -> str:
        """The team that is responsible for the app."""
        return self.app.config.team
