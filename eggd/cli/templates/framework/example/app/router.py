"""One route, for the tests and for `eggd dev example`."""

from eggd import Application


def router(app: Application) -> None:
    """Says who answers for the app."""
    app.router.get("/", lambda ctx: f"ask {ctx.team}")
