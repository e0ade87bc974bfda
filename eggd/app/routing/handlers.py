"""Handlers of routes: their arguments, and the steps that they become in a chain."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from types import FunctionType
from typing import Any, cast

from eggd.calling import arity, call, mismatch
from eggd.errors import RouteError
from eggd.interfaces import Handler, Middleware, Next, Step


def takes_next(handler: Handler) -> bool:
    """Returns whether a handler takes `(ctx, next)`; raises RouteError if it can take neither."""
    count = arity(handler)
    if count in (1, None) and _first(handler) == "next":
        raise RouteError(
            f"a handler takes ctx, or ctx and next; {_name(handler)} takes only next",
            hint="declare it as def handler(ctx, next)",
        )
    if count == 0 and _takes_nothing(handler):
        raise RouteError(
            f"a handler takes ctx, or ctx and next; {_name(handler)} takes no argument",
            hint="declare it as def handler(ctx)",
        )
    if count is not None and count > 2:
        raise RouteError(f"a handler takes ctx, or ctx and next; {_name(handler)} takes {count}")
    return count == 2


def check_middleware(middleware: Callable[..., object], path: object) -> None:
    """Raises RouteError for a function before a handler that cannot be called with ctx and next."""
    if arity(middleware) != 2 and (problem := mismatch(middleware, None, None)):
        name = _name(middleware)
        hint = f"call it: {name.rpartition('.')[2]}()" if arity(middleware) == 0 else ""
        raise RouteError(
            f"route {path!r}: the middleware {name} cannot be called with ctx and next: {problem}",
            hint=hint or "declare it as async def middleware(ctx, next)",
        )


def is_async(handler: Handler) -> bool:
    """Returns whether a handler returns a coroutine; the loader marks the actions of classes."""
    return getattr(handler, "is_async", False) or inspect.iscoroutinefunction(handler)


def as_step(handler: Handler) -> Step:
    """Returns the step that runs a handler of `ctx` and makes its result the body."""
    if is_async(handler):

        async def step(ctx: Any) -> None:
            result = await cast("Awaitable[object]", handler(ctx))
            if result is not None:
                ctx.body = result
    else:

        async def step(ctx: Any) -> None:
            result = await call(handler, ctx)
            if result is not None:
                ctx.body = result

    return step


def as_middleware(handler: Handler) -> Middleware:
    """Returns the middleware that runs a handler of `(ctx, next)` and makes its result the body."""

    async def middleware(ctx: Any, next: Next) -> None:
        result = await call(handler, ctx, next)
        if result is not None:
            ctx.body = result

    return middleware


def source_of(handler: object) -> str:
    """Returns `file#Class.method()` as the loader recorded it, else the function's own file."""
    source = getattr(handler, "source", None)
    if source is not None:
        return str(source)
    code = getattr(handler, "__code__", None)
    cls = type(handler)
    name = getattr(handler, "__qualname__", f"{cls.__module__}.{cls.__qualname__}")
    name = "anonymous" if name.endswith("<lambda>") else name
    return f"{code.co_filename}#{name}()" if code else name


def _takes_nothing(handler: Handler) -> bool:
    """Returns whether a function accepts no positional argument at all."""
    if not isinstance(handler, FunctionType) or hasattr(handler, "__wrapped__"):
        return False
    code = handler.__code__
    return not code.co_argcount and not code.co_flags & inspect.CO_VARARGS


def _first(handler: Handler) -> str:
    """Returns the name of a function's first argument, "" if it has no signature."""
    if isinstance(handler, FunctionType) and not hasattr(handler, "__wrapped__"):
        # Reading the signature takes longer than the rest of a route's registration.
        return handler.__code__.co_varnames[0]
    try:
        return next(iter(inspect.signature(handler).parameters), "")
    except (TypeError, ValueError):
        return ""


def _name(handler: Handler) -> str:
    return getattr(handler, "__qualname__", type(handler).__name__)
