"""Members that the plugin adds to `ctx`."""

import eggd


class Context(eggd.Context):
    """`ctx.visits`."""

    @property
    def visits(self) -> int:
        """The visits of all workers, this one included."""
        return self.app.visits
