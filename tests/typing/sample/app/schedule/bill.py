"""A job of type `cluster`."""

from eggd import Context

schedule = {"type": "cluster", "cron": "0 3 * * *", "at": "least_once", "takeover": 60}


async def task(ctx: Context) -> None:
    """Bills while no other host does."""
    token: int = ctx.claim.token
    while ctx.claim.is_valid:
        ctx.logger.info("%d at %d, %f s left", token, ctx.claim.tick, ctx.claim.seconds_left)
