"""Counts each request; `config.visits` are its options."""


def visits(options, app):
    """Returns the middleware."""

    async def middleware(ctx, next):
        app.visits += 1  # replaced by the next sum of the agent
        app.messenger.send_to_agent("visits-one")
        await next()
        if options.header:
            ctx.set(options.header, str(ctx.visits))

    return middleware
