"""Counts each request; `config.visits` are its options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eggd import Application, Context, Middleware, Next

if TYPE_CHECKING:  # an application may load the plugin by its folder
    from eggd_visits.section import VisitsConfig


def visits(options: VisitsConfig, app: Application) -> Middleware:
    """Returns the middleware."""

    async def middleware(ctx: Context, next: Next) -> None:
        app.visits += 1  # replaced by the next sum of the agent
        app.messenger.send_to_agent("visits-one")
        await next()
        if options.header:
            ctx.set(options.header, str(ctx.visits))

    return middleware
