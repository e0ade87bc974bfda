"""The callables that layers pass to each other, and what an app's code may be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

Next = Callable[[], Awaitable[None]]
"""Runs the rest of the onion; may be awaited once (core:MW-8)."""

Middleware = Callable[[Any, Next], Awaitable[None]]
"""`async def middleware(ctx, next)`; its ctx may be annotated with a class of the application."""

MiddlewareFactory = Callable[[Any, Any], Middleware]
"""`def timing(options, app) -> Middleware` (core:MW-1)."""

Handler = Callable[..., object]
"""A function of ctx, sync or async, that sets `ctx.body` or returns the body."""

Step = Callable[[Any], Awaitable[None]]
"""One compiled link of a route's chain: takes ctx, runs itself and what follows."""


class LogLike(Protocol):
    """The methods of a logger that lower layers call; arguments are formatted with %."""

    def debug(self, msg: object, /, *args: object) -> None:
        """Logs at DEBUG."""

    def warn(self, msg: object, /, *args: object) -> None:
        """Logs at WARN."""

    def error(self, msg: object, /, *args: object) -> None:
        """Logs at ERROR."""
