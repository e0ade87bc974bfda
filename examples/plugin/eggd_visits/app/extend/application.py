"""What every worker's `app` has in addition."""


class Application:
    """`app.visits`: the visits of all workers, as far as this one has heard."""

    visits = 0
