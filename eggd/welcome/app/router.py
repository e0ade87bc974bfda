"""Routes of the welcome app."""


def router(app):
    """Answers the root with one line of text."""
    app.router.get("home", "/", app.controller.home.index)
