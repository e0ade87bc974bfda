"""Applies the limits of the config to every request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from eggd import Application, Context, Next
from eggd.plugins.ratelimit.section import RateLimitConfig


def ratelimit(
    _options: RateLimitConfig, app: Application
) -> Callable[[Context, Next], Awaitable[None]]:
    """Returns the middleware."""
    limits = app.rate_limits

    async def middleware(ctx: Context, next: Next) -> None:
        for condition, limiter in limits:
            if condition is None or condition(ctx):
                await limiter.admit(ctx)
        await next()

    return middleware
