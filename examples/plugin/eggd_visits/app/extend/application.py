"""Members that the plugin adds to `app`."""


class Application:
    """`app.visits`: the visits of all workers, as last received from the agent."""

    visits = 0
