"""What a client sees when a request failed or found nothing; the details go to the log (NF, ERR).

A status below 500 shows its message; anything else only the phrase of its status.
"""

from __future__ import annotations

import html

from eggd.app.body import respond
from eggd.app.config import NotFoundConfig
from eggd.app.context import Context
from eggd.app.response import phrase
from eggd.errors import EggError, HttpError


def answer_error(ctx: Context, error: Exception) -> None:
    """Log an error that is not the client's and answer; a response under way is cut off."""
    answer = error if isinstance(error, HttpError) else HttpError(500)
    if not answer.expose:
        ctx.logger.error(error)
    if ctx.exchange.started:
        ctx.exchange.cut()
        return
    ctx._fields = ctx._body = None
    ctx.status = answer.status
    for name, value in answer.headers.items():
        ctx.set(name, value)
    _write(ctx, answer.message if answer.expose else phrase(answer.status))
    respond(ctx)


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


def _write(ctx: Context, message: str) -> None:
    try:
        wants_json = ctx.request.accept_json
    except EggError:
        wants_json = False
    if wants_json:
        ctx.body = {"message": message}
    else:
        ctx.body = f"<h1>{ctx.status} {html.escape(phrase(ctx.status))}</h1>" + (
            f"<p>{html.escape(message)}</p>" if message != phrase(ctx.status) else ""
        )
