"""What becomes of a request that failed or found nothing; the details go to the log (NF, ERR)."""

from __future__ import annotations

import asyncio
import html
import inspect

from eggd.app.body import respond
from eggd.app.config import NotFoundConfig
from eggd.app.context import Context
from eggd.app.onerror import Responder
from eggd.app.stream import is_streamed, stream
from eggd.errors import HttpError


async def fail(ctx: Context, error: Exception | SystemExit) -> None:
    """Log an error that is not the client's and answer it; a response under way is cut off.

    The listeners of `error` hear of every error, the client's too (core:APP-5).
    """
    _log(ctx, error)
    ctx.app.emitter.error(error, ctx)
    if ctx.exchange.started:
        ctx.exchange.cut()
        return
    try:
        _forget(ctx)
        made = ctx.onerror(error)
        if inspect.isawaitable(made):
            await made
        await _send(ctx)
    except asyncio.CancelledError:
        ctx.exchange.cut()
        raise
    except (Exception, SystemExit) as exc:
        ctx.logger.error(exc)
        ctx.app.emitter.error(exc, ctx)
        if ctx.exchange.started:
            ctx.exchange.cut()
            return
        _forget(ctx)
        Responder.onerror(ctx, HttpError(500))
        respond(ctx, timed=False)


def _log(ctx: Context, error: BaseException) -> None:
    if not isinstance(error, HttpError) or not error.expose:
        ctx.logger.error(error)


def _forget(ctx: Context) -> None:
    """Take back what was to be answered; a stream of it is closed. It is a 500 until said else."""
    ctx.respond = True
    ctx._replace(None)
    ctx._fields, ctx._null = None, False
    ctx.status = 500


async def _send(ctx: Context) -> None:
    if is_streamed(ctx._body):
        await stream(ctx, ctx._body)
    else:
        respond(ctx, timed=False)


def answer_not_found(ctx: Context, config: NotFoundConfig) -> None:
    """Give an empty 404 its body: JSON, a redirect to `page_url`, or a page (core:NF-1..4)."""
    if not config.enable:
        return
    if config.page_url and ctx.path != config.page_url and not ctx.request.accept_json:
        ctx.redirect(config.page_url)
        ctx.real_status = 404
        return
    ctx.status = 404
    if ctx.request.accept_json:
        ctx.body = {"message": "Not Found"}
    elif config.page_url == ctx.path:
        ctx.body = (
            "<h1>404 Not Found</h1><p><pre><code>config.notfound.page_url"
            f"({html.escape(ctx.path)})</code></pre> is unimplemented</p>"
        )
    else:
        ctx.body = "<h1>404 Not Found</h1>"
