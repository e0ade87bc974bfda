"""A middleware."""

from eggd import Application, Config, Context, Middleware, Next


def timing(options: object, app: Application) -> Middleware:
    verbose = wanted(app.config)

    async def middleware(ctx: Context, next: Next) -> None:
        await next()
        ctx.set("X-Seconds", f"{ctx.starttime:f}")
        if verbose:
            ctx.core_logger.info("%d", ctx.response.status)

    return middleware


def wanted(config: Config) -> bool:
    return bool(config.get("verbose"))
