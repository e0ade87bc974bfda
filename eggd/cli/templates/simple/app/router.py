"""The routes of the app."""

from eggd import Application


def router(app: Application) -> None:
    """Adds the routes; the first one that matches a request answers it."""
    app.router.get("home", "/", app.controller.home.index)
