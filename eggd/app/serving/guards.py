"""Guards: functions that see every request before anything else does (`app.guard`)."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from eggd.app.context.context import Context
from eggd.calling import call
from eggd.errors import EggError
from eggd.wire.trace import request_id_of

Guard = Callable[..., object]
"""A function of ctx. It returns None, or a function to call once the body is parsed."""


def joined(first: Guard | None, guard: object) -> Guard:
    """Returns a guard that runs `first`, if there is one, and then `guard`.

    Raises EggError for an object that is not a plain function.
    """
    if not callable(guard) or inspect.iscoroutinefunction(guard):
        raise EggError(
            f"app.guard: {guard!r} is not a plain function",
            hint="def guard(ctx): ...; it may return an async function, to call after the body",
        )
    if first is None:
        return guard

    def both(ctx: object) -> object:
        results = (first(ctx), guard(ctx))
        waiting = [later for later in results if later is not None]
        return _all(waiting) if len(waiting) > 1 else waiting[0] if waiting else None

    return both


def send_trace_id(ctx: Context) -> None:
    """Sets X-Request-Id of the response to `ctx.trace_id`, if a field can hold it (a guard)."""
    if own := request_id_of(ctx.trace_id):
        ctx.response.set("X-Request-Id", own)


def _all(waiting: list[object]) -> Guard:
    async def later() -> None:
        for each in waiting:
            await proceed(each)

    return later


async def proceed(later: object) -> None:
    """Calls a function that a guard has returned; raises what it raises."""
    if not callable(later):
        raise EggError(f"a guard returned {later!r}", hint="None, or a function of no arguments")
    await call(later)
