"""Which path leads where."""

from eggd import Application


def router(app: Application) -> None:
    """Adds the routes; of those that match a request the first one answers."""
    app.router.get("home", "/", app.controller.home.index)
