"""A request's way: exchange -> Context -> the route's compiled chain -> body -> one write.

The only file that knows both worlds. The chain starts at once, in a real task; a handler that
never suspends is answered before the server's `data_received` returns.
"""

from __future__ import annotations

import asyncio

from eggd.app.application import Application
from eggd.app.body import respond
from eggd.app.config import MetaConfig
from eggd.app.context import Context, current
from eggd.app.eager import eager_starter
from eggd.app.failure import answer_error, answer_not_found
from eggd.app.stream import is_streamed, stream
from eggd.http import Exchange
from eggd.interfaces import Step

_WHOLE = (str, dict, bytes)


class Dispatcher:
    """Serves exchanges with one app; `tasks` are the requests that are waiting for something."""

    def __init__(self, app: Application, loop: asyncio.AbstractEventLoop) -> None:
        self.app = app
        self.tasks: set[asyncio.Task[None]] = set()
        self._start = eager_starter(loop)
        self._match = app.router.index.match
        self._mounts = app.router.mounts
        self._parse = app.parse_body
        self._log_start = app.config[MetaConfig].logging

    def __call__(self, exchange: Exchange) -> None:
        """Serve one request; it is answered now or when what it waits for has come."""
        app = self.app
        ctx = app.context_class(app, exchange)
        path = exchange.path.decode("latin-1")
        found = self._match(exchange.method, path)
        parse = self._parse
        if found is not None:
            ctx.route, ctx.params = found
            chain = ctx.route.chain
        elif self._mounts and (mount := self._mounts.match(path)) is not None:
            chain, parse = mount.chain, None  # who is mounted reads the body itself
        else:
            chain = app.not_found
        task = self._start(self._serve(ctx, chain, parse))
        if not task.done():
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _serve(self, ctx: Context, chain: Step, parse: Step | None) -> None:
        current.set(ctx)
        try:
            if self._log_start:
                _log_start(ctx)
            if parse is not None and ctx.exchange.has_body:
                await parse(ctx)
            await chain(ctx)
            if ctx._status == 404 and ctx._body is None:
                answer_not_found(ctx, self.app.notfound)
            body = ctx._body
            if isinstance(body, _WHOLE) or not is_streamed(body):
                respond(ctx)
            else:
                await stream(ctx, body)
        except Exception as exc:
            answer_error(ctx, exc)
        except asyncio.CancelledError:
            ctx.exchange.cut()
            raise


def _log_start(ctx: Context) -> None:
    ctx.core_logger.info(
        "[meta] request started, host: %s, user-agent: %s", ctx.host, ctx.get("user-agent")
    )
