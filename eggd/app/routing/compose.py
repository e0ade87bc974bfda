"""The onion, compiled once per route: a chain of steps, each calling the next (core:MW-*)."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from eggd.errors import EggError
from eggd.interfaces import Middleware, Step


class Next:
    """The `next` that one middleware gets for one request; may be called once (core:MW-8)."""

    __slots__ = ("_ctx", "_following")

    def __init__(self, ctx: Any, following: Step) -> None:
        self._ctx = ctx
        self._following: Step | None = following

    def __call__(self) -> Awaitable[None]:
        """Runs the rest of the onion. Raises EggError when called a second time."""
        following = self._following
        if following is None:
            raise EggError("next() called multiple times", hint="await next() once per middleware")
        self._following = None
        return following(self._ctx)


def compose(middlewares: Sequence[Middleware], last: Step) -> Step:
    """Returns one step that runs `middlewares` from the outside in and `last` at the core."""
    return chain([awaitable(middleware) for middleware in middlewares], last)


def chain(middlewares: Sequence[Middleware], last: Step) -> Step:
    """Returns what `compose` does, of middleware that is `awaitable` already."""
    step = last
    for middleware in reversed(middlewares):
        step = _link(middleware, step)
    return step


def awaitable(middleware: Callable[..., Any]) -> Middleware:
    """Lets a plain function be a middleware: it may return `next()` or nothing (core:X-16)."""
    if inspect.iscoroutinefunction(middleware):
        return middleware

    async def called(ctx: Any, next: Any) -> None:
        result = middleware(ctx, next)
        if inspect.isawaitable(result):
            await result

    return called


def _link(middleware: Middleware, following: Step) -> Step:
    def step(ctx: Any) -> Awaitable[None]:
        return middleware(ctx, Next(ctx, following))

    return step
