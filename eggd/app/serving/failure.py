"""What becomes of a request that failed or found nothing; the details go to the log (NF, ERR)."""

from __future__ import annotations

import asyncio
import html

from eggd.app.config import NotFoundConfig
from eggd.app.context.context import Context
from eggd.app.context.onerror import Responder
from eggd.app.serving.body import respond
from eggd.app.serving.stream import is_streamed, stream
from eggd.calling import call
from eggd.errors import EggError, HttpError

_OF_THE_BODY = frozenset(
    (
        *("accept-ranges", "cache-control", "digest", "etag", "expires", "last-modified"),
        *("repr-digest", "trailer", "transfer-encoding"),
    )
)
"""Fields that describe the body and are dropped with it, besides those named Content-*."""

_POLICY = "content-security-policy"
"""Prefixes of fields that are kept: they protect a page whatever its body is."""


async def fail(ctx: Context, error: Exception | SystemExit) -> None:
    """Logs a server error and answers it; a response that has begun is cut off.

    The listeners of `error` are called for client errors, too (core:APP-5).
    """
    error = _answerable(error)
    _log(ctx, error)
    ctx.app.emitter.error(error, ctx)
    if ctx.exchange.started:
        ctx.exchange.cut()
        return
    try:
        _forget(ctx)
        await call(ctx.onerror, error)
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
    if not isinstance(error, HttpError) or not (error.expose or _of_the_client(ctx, error)):
        ctx.logger.error(error)


def _of_the_client(ctx: Context, error: HttpError) -> bool:
    """Returns whether this is the 501 for a method that nothing here serves.

    Any client can send one: as for a 405, there is nothing for an operator to do.
    """
    router = getattr(ctx.app, "router", None)  # an agent has none
    return error.status == 501 and router is not None and ctx.method not in router.index.methods


def _answerable(error: Exception | SystemExit) -> Exception | SystemExit:
    """Returns the error, or an EggError naming its status if that is not an error status."""
    if not isinstance(error, HttpError):
        return error
    status: object = error.status
    if type(status) is int and 400 <= status <= 599:
        return error
    wrong = EggError(
        f"HttpError({status!r}, {error.message!r}): not the status of an error",
        hint="use 400 to 599; set any other status by ctx.status",
    )
    return wrong.with_traceback(error.__traceback__)


def _forget(ctx: Context) -> None:
    """Drops the body, closing a stream, and the fields that describe it; sets the status to 500.

    All other fields are sent with the error's answer: without the CORS fields a browser hides it
    from a page of another origin.
    """
    ctx.respond = True
    ctx._replace(None)
    ctx._null = False
    ctx._fields = {
        key: field for key, field in (ctx._fields or {}).items() if not _describes_body(key)
    }
    ctx.status = 500


def _describes_body(name: str) -> bool:
    """Returns whether a field, by its lower-case name, describes the body."""
    return name in _OF_THE_BODY or (name.startswith("content-") and not name.startswith(_POLICY))


async def _send(ctx: Context) -> None:
    if is_streamed(ctx._body):
        await stream(ctx, ctx._body)
    else:
        respond(ctx, timed=False)


def answer_not_found(ctx: Context, config: NotFoundConfig) -> None:
    """Gives an empty 404 its body: JSON, a redirect to `page_url`, or a page (core:NF-1..4)."""
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
