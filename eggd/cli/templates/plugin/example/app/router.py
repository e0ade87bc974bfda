"""One route, for the tests and for `eggd dev example`."""

from eggd import Application


def router(app: Application) -> None:
    """Greets the name in the path."""
    app.router.get("/:name", lambda ctx: ctx.greet(ctx.params["name"]))
