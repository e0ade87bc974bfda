def powered_by(options, app):
    async def middleware(ctx, next):
        await next()
        ctx.set("X-Powered-By", options["name"])

    return middleware
