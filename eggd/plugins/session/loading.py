"""The middleware that loads a session before its handler runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from eggd import Application, Context, Middleware, Next
from eggd.plugins.session.section import SessionConfig

F = TypeVar("F", bound=Callable[..., object])
_MARK = "is_without_session"


def without_session(handler: F) -> F:
    """Marks a handler whose requests do not load their session from its store (process:SES-22).

        @without_session
        async def health(ctx): ...

    Reading or assigning `ctx.session` in such a request raises EggError, with and without a store.
    """
    setattr(handler, _MARK, True)
    return handler


def is_without_session(ctx: Context) -> bool:
    """Returns whether the handler of a request is marked."""
    return ctx.route is not None and getattr(ctx.route.handler, _MARK, False)


def handler_of(ctx: Context) -> str:
    """Returns the method and path of a request, and the source of its handler, for an error."""
    source = "" if ctx.route is None else f" ({ctx.route.stack[-1]})"
    return f"{ctx.method} {ctx.path}{source}"


def loader(app: Application, options: SessionConfig) -> Middleware:
    """Returns the middleware.

    It loads the session of each request with cookies, unless its handler is marked. In cookie mode
    it is used for rolling sessions, which are renewed even if no handler reads them.
    """
    has_own_key = options.external_key is not None

    def load(ctx: Context, next: Next) -> Awaitable[None]:
        if not has_own_key and "cookie" not in ctx.exchange.headers:
            return next()
        if is_without_session(ctx):
            return next()
        return _loaded(ctx, next)

    return load


async def _loaded(ctx: Context, next: Next) -> None:
    await ctx.request_session.load()
    await next()
