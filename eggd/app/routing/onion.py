"""The onion: a chain of middleware, each of which calls the next (core:MW-*)."""

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
        # The rest of the onion; None once it was called.
        self._following: Step | None = following

    def __call__(self) -> Awaitable[None]:
        """Runs the rest of the onion. Raises EggError when called a second time."""
        following = self._following
        if following is None:
            raise EggError("next() called multiple times", hint="await next() once per middleware")
        self._following = None
        return following(self._ctx)


def onion(middlewares: Sequence[Middleware], core: Step) -> Step:
    """Returns a step that runs `middlewares` from the outside in, and `core` inside them all.

    Every middleware must return an awaitable (`awaitable`).
    """
    step = core
    for middleware in reversed(middlewares):
        step = _layer(middleware, step)
    return step


def awaitable(middleware: Callable[..., object]) -> Middleware:
    """Returns a middleware from a plain function, which may return `next()` or None (X-16)."""
    if inspect.iscoroutinefunction(middleware):
        return middleware

    async def called(ctx: Any, next: Callable[[], Awaitable[None]]) -> None:
        result = middleware(ctx, next)
        if inspect.isawaitable(result):
            await result

    called.__wrapped__ = middleware  # type: ignore[attr-defined]  # for `Router.functions`
    return called


def _layer(middleware: Middleware, following: Step) -> Step:
    def step(ctx: Any) -> Awaitable[None]:
        return middleware(ctx, Next(ctx, following))

    return step
