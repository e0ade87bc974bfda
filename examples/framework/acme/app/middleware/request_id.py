"""Gives every response the id of its request."""

from eggd import Application, Context, Middleware, Next


def request_id(options: object, app: Application) -> Middleware:
    """Returns the middleware."""
    header = app.config.acme.request_id_header

    async def middleware(ctx: Context, next: Next) -> None:
        await next()
        ctx.set(header, ctx.request_id)

    return middleware
