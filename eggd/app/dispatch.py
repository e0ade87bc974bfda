"""A request's way: exchange -> Context -> the route's compiled chain -> body -> one write.

The only file that knows both worlds. The chain starts at once, in a real task; a handler that
never suspends is answered before the server's `data_received` returns.
"""

from __future__ import annotations

import asyncio

from eggd.app.application import Application
from eggd.app.body import respond
from eggd.app.config import MetaConfig, OverrideMethodConfig
from eggd.app.context import Context, current
from eggd.app.eager import eager_starter
from eggd.app.failure import answer_not_found, fail
from eggd.app.override_method import overriding
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
        self._parse: Step = app.parse_body or _unparsed
        self._override = app.config[OverrideMethodConfig]
        self._run = self._logged if app.config[MetaConfig].logging else self._serve

    def __call__(self, exchange: Exchange) -> None:
        """Serve one request; it is answered now or when what it waits for has come."""
        app = self.app
        ctx = app.context_class(app, exchange)
        path = exchange.path.decode("latin-1")
        found = self._match(exchange.method, path)
        parse: Step | None = self._parse
        if found is not None:
            ctx.route, ctx.params = found
            chain = ctx.route.chain
        elif self._mounts and (mount := self._mounts.match(path)) is not None:
            chain, parse = mount.chain, None  # who is mounted reads the body itself
        else:
            chain = app.not_found
        task = self._start(self._run(ctx, chain, parse))
        if not task.done():
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _serve(self, ctx: Context, chain: Step, parse: Step | None) -> None:
        current.set(ctx)
        try:
            if parse is not None and (ctx.exchange.has_body or ctx.exchange.method == "POST"):
                chain = await self._prepared(ctx, chain, parse)
            await chain(ctx)
            if ctx._status == 404 and ctx._body is None:
                answer_not_found(ctx, self.app.notfound)
            body = ctx._body
            if isinstance(body, _WHOLE) or not is_streamed(body):
                respond(ctx)
            else:
                await stream(ctx, body)
        except (Exception, SystemExit) as exc:  # no request ends a worker
            await fail(ctx, exc)
        except asyncio.CancelledError:
            ctx.exchange.cut()
            raise

    async def _logged(self, ctx: Context, chain: Step, parse: Step | None) -> None:
        """Serve, and say so before (core:META-2)."""
        ctx.core_logger.info(
            "[meta] request started, host: %s, user-agent: %s", ctx.host, ctx.get("user-agent")
        )
        await self._serve(ctx, chain, parse)

    async def _prepared(self, ctx: Context, chain: Step, parse: Step) -> Step:
        """Parse the body; return the chain, another one where the method was overridden."""
        if ctx.exchange.has_body:
            await parse(ctx)
        method = overriding(ctx, self._override)
        if not method:
            return chain
        ctx.exchange.method = method
        found = self._match(method, ctx.exchange.path.decode("latin-1"))
        if found is None:
            ctx.route, ctx.params = None, {}
            return self.app.not_found
        ctx.route, ctx.params = found
        return found[0].chain


async def _unparsed(ctx: Context) -> None:
    """Leave the body to whoever reads it."""
