"""Answers preflight requests, before any other middleware sees them (known:KW-43)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from eggd import Application, Context, Next
from eggd.plugins.cors.policy import CorsPolicy
from eggd.plugins.cors.section import CorsConfig


def cors(options: CorsConfig, _app: Application) -> Callable[[Context, Next], Awaitable[None]]:
    """Returns the middleware."""
    policy = CorsPolicy(options)

    async def middleware(ctx: Context, next: Next) -> None:
        if policy.is_preflight(ctx):
            policy.answer_preflight(ctx)
        else:
            await next()

    return middleware
