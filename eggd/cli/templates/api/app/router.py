"""The routes of the app."""

from eggd import Application


def router(app: Application) -> None:
    """Adds the routes: index, create, show, update and destroy of /api/notes."""
    app.router.resources("notes", "/api/notes", app.controller.notes)
