"""Runs the functions of `ctx.before_send`, which complete an answer: cookies, a session."""

from __future__ import annotations

from eggd.app.context.context import Context
from eggd.calling import call


async def complete(ctx: Context) -> None:
    """Runs the functions, also those that one of them adds; raises what one raises.

    The others do not run then, nor later. Warns if the head was already sent, as it has no effect.
    """
    if ctx.exchange.started:
        ctx._sending = None
        ctx.core_logger.warning(
            "ctx.before_send, or a session that was first used then, has no effect:"
            " the answer to %s had begun",
            ctx.path,
        )
        return
    while functions := ctx._sending:
        ctx._sending = None
        for function in functions:
            result = await call(function)
            if callable(result):
                ctx._after_stream += (result,)


async def complete_stream(ctx: Context) -> None:
    """Runs the functions for the end of a streamed body; an exception of theirs is only logged.

    Warns of functions that the stream itself has added to those of `ctx.before_send`.
    """
    try:
        if ctx._sending is not None:
            await complete(ctx)
        for function in ctx._after_stream:
            await call(function)
    except (Exception, SystemExit) as exc:
        ctx.logger.error(exc)
        ctx.app.emitter.error(exc, ctx)


async def complete_error(ctx: Context) -> None:
    """Runs the functions before the answer to an error; an exception of theirs is only logged."""
    try:
        await complete(ctx)
    except (Exception, SystemExit) as exc:
        ctx.logger.error(exc)
        ctx.app.emitter.error(exc, ctx)
