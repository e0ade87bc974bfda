"""Guards: functions that see every request before anything else does (`app.guard`)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence

from eggd.app.context.context import Context
from eggd.calling import call
from eggd.errors import EggError

Guard = Callable[..., object]
"""A function of ctx. It returns None, or a function to call once the body is parsed."""

Later = Callable[[], object]
"""A function that a guard returns, sync or async."""


def checked_guard(guard: object) -> Guard:
    """Returns the guard. Raises EggError for an object that is not a plain function."""
    if not callable(guard) or inspect.iscoroutinefunction(guard):
        raise EggError(
            f"app.guard: {guard!r} is not a plain function",
            hint="def guard(ctx): ...; it may return an async function, to call after the body",
        )
    return guard


def admit(guards: Sequence[Guard], ctx: Context) -> list[Later]:
    """Calls the guards; returns what to call once the body is parsed. Raises what one raises."""
    waiting: list[Later] = []
    for guard in guards:
        later = guard(ctx)
        if later is None:
            continue
        if not callable(later):
            raise EggError(f"guard {guard!r} returned {later!r}", hint="None, or a function")
        waiting.append(later)
    return waiting


async def proceed(waiting: Sequence[Later]) -> None:
    """Calls the functions that guards have returned; raises what one raises."""
    for later in waiting:
        await call(later)
