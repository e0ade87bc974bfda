"""Applies the limits of the config to every request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from eggd import Application, Context, Next
from eggd.plugins.ratelimit.section import RateLimitConfig


def ratelimit(
    _options: RateLimitConfig, app: Application
) -> Callable[[Context, Next], Awaitable[None]]:
    """Returns the middleware."""
    limits = [(condition, limiter.admit()) for condition, limiter in app.rate_limits]

    async def middleware(ctx: Context, next: Next) -> None:
        for condition, admit in limits:
            if condition is None or condition(ctx):
                if (waiting := admit(ctx)) is not None:
                    await waiting
        await next()

    return middleware
