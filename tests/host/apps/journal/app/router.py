async def pay(ctx):
    """Logs in this worker, in the agent, and in the worker that answers the inner request."""
    ctx.logger.warning("pay", extra={"orderId": 7})
    await ctx.app.messenger.request("book", {"order": 7, "trace_id": ctx.trace_id})
    await ctx.curl(f"http://{ctx.host}/inner")
    return ctx.trace_id


async def inner(ctx):
    ctx.logger.warning("inner")
    return "inner"


async def fail(ctx):
    raise ValueError("first\nsecond\n2026-01-01 third")


async def large(ctx):
    ctx.logger.warning("large %s", "x" * 300_000)
    return "large"


async def control(ctx):
    ctx.logger.warning("a\x1b[31mb\rc\x00d\u202ee\n<2>f")
    return "control"


def router(app):
    app.get("/", lambda ctx: "journal")
    app.get("/pay", pay)
    app.get("/inner", inner)
    app.get("/fail", fail)
    app.get("/large", large)
    app.get("/control", control)
