"""Counts each request; `config.visits` are its options."""

from eggd_visits.section import VisitsConfig

from eggd import Application, Context, Middleware, Next


def visits(options: VisitsConfig, app: Application) -> Middleware:
    """Returns the middleware."""

    async def middleware(ctx: Context, next: Next) -> None:
        app.visits += 1  # replaced by the next sum of the agent
        app.messenger.send_to_agent("visits-one")
        await next()
        if options.header:
            ctx.set(options.header, str(ctx.visits))

    return middleware
