"""What every `ctx` has in addition."""


class Context:
    """`ctx.visits`."""

    @property
    def visits(self) -> int:
        """The visits of all workers, this one included."""
        return self.app.visits
