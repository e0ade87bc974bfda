from collections.abc import Mapping

from eggd import Application, Context, Middleware, Next


def powered_by(options: Mapping[str, str], app: Application) -> Middleware:
    async def middleware(ctx: Context, next: Next) -> None:
        await next()
        ctx.set("X-Powered-By", options["name"])

    return middleware
