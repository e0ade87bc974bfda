"""Gives every response the id of its request."""


def request_id(options, app):
    """Returns the middleware."""
    header = app.config.acme.request_id_header

    async def middleware(ctx, next):
        await next()
        ctx.set(header, ctx.request_id)

    return middleware
