"""Responses to requests that failed or matched no route; details are logged (NF-*, ERR-*)."""

from __future__ import annotations

import asyncio

from eggd.app.config import NotFoundConfig
from eggd.app.context.context import Context
from eggd.app.context.response import Response
from eggd.app.serving.before_send import complete_error
from eggd.app.serving.body import respond_to_error
from eggd.app.serving.stream import is_streamed, stream
from eggd.calling import call
from eggd.errors import EggError, HttpError
from eggd.wire.html_text import escape_html


async def fail(ctx: Context, error: BaseException) -> None:
    """Logs an error and answers it; a response that was started is cut off.

    The listeners of `error` are called for client errors, too (core:APP-5).
    """
    error = _answerable(error)
    ctx.app.log_error(error, ctx)
    ctx.app.emitter.error(error, ctx)
    if ctx.exchange.started:
        ctx.exchange.disconnect()
        return
    try:
        ctx.response.reset()
        await call(ctx.onerror, error)
        if ctx._sending is not None:
            await complete_error(ctx)
        await _send(ctx)
    except asyncio.CancelledError:
        ctx.exchange.disconnect()
        raise
    except (Exception, SystemExit) as exc:
        ctx.logger.error(exc)
        ctx.app.emitter.error(exc, ctx)
        if ctx.exchange.started:
            ctx.exchange.disconnect()
            return
        ctx.response.reset()
        Context.onerror(ctx, HttpError(500))
        respond_to_error(ctx)


def _answerable(error: BaseException) -> BaseException:
    """Returns the error, or an EggError naming its status if that is not an error status."""
    if not isinstance(error, HttpError):
        return error
    status: object = error.status
    if type(status) is int and 400 <= status <= 599:
        return error
    wrong = EggError(
        f"HttpError({status!r}, {error.message!r}): not an error status",
        hint="use 400 to 599; set any other status by ctx.status",
    )
    return wrong.with_traceback(error.__traceback__)


async def _send(ctx: Context) -> None:
    body = ctx.response.content
    if is_streamed(body):
        await stream(ctx, body)
    else:
        respond_to_error(ctx)


def _is_page(ctx: Context, url: str) -> bool:
    """Returns whether the request is for the page that `url` names, which would redirect to it."""
    page = url.partition("#")[0].partition("?")[0]
    if not page or page[0] == "/":
        return ctx.path == page
    return page.partition("://")[2] == f"{ctx.host}{ctx.path}"


def answer_not_found(ctx: Context, config: NotFoundConfig) -> None:
    """Gives an empty 404 its body: JSON, a redirect to `page_url`, or a page (core:NF-1..4)."""
    if not config.enable:
        return
    is_page = _is_page(ctx, config.page_url)
    if config.page_url and not is_page and not ctx.request.accept_json:
        # The page may be on a host that `ctx.redirect` of the plugin security refuses.
        Response.redirect(ctx.response, config.page_url)
        ctx.real_status = 404
        return
    ctx.status = 404
    if ctx.request.accept_json:
        ctx.body = {"message": "Not Found"}
    elif is_page:
        ctx.body = (
            "<h1>404 Not Found</h1><p><pre><code>config.notfound.page_url"
            f"({escape_html(ctx.path)})</code></pre> is unimplemented</p>"
        )
    else:
        ctx.body = "<h1>404 Not Found</h1>"
