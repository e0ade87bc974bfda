"""A request's way: exchange -> Context -> the route's compiled chain -> body -> one write.

The only file that knows both worlds. The chain starts at once, in a real task; a handler that
never suspends is answered before the server's `data_received` returns.
"""

from __future__ import annotations

import asyncio

from eggd.app.application import Application
from eggd.app.config import MetaConfig, OverrideMethodConfig
from eggd.app.context.context import Context, current, new_context
from eggd.app.serving.body import respond
from eggd.app.serving.eager import eager_starter
from eggd.app.serving.failure import answer_not_found, fail
from eggd.app.serving.override_method import overridable, overriding
from eggd.app.serving.stream import is_streamed, stream
from eggd.http import Exchange
from eggd.interfaces import Step

_WHOLE = (str, dict, list, bytes)


class Dispatcher:
    """Serves exchanges with one app; `tasks` are the requests that are waiting for something."""

    def __init__(self, app: Application, loop: asyncio.AbstractEventLoop) -> None:
        self.app = app
        self.tasks: set[asyncio.Task[None]] = set()
        self._start = eager_starter(loop)
        self._match = app.router.index.match
        self._mounts = app.router.mounts
        self._parser = app.parse_body
        self._overridable = overridable(app.config[OverrideMethodConfig])
        self._serving = self._logged if app.config[MetaConfig].logging else self._serve
        app.emitter.changed.append(self._choose)
        self._choose()

    def _choose(self) -> None:
        """Emits events only while there is a listener, so that apps without one pay nothing."""
        self._run = self._observed if self.app.emitter.observes_requests else self._serving

    def __call__(self, exchange: Exchange) -> None:
        """Serves one request; it is answered now or when what it waits for has come."""
        app = self.app
        ctx = new_context(app, exchange)
        path = exchange.path.decode("latin-1")
        found = self._match(exchange.method, path)
        ours = True
        if found is not None:
            ctx.route, ctx.params = found
            chain = ctx.route.chain
        elif self._mounts and (mount := self._mounts.match(path)) is not None:
            chain, ours = mount.chain, False  # who is mounted reads the body itself
        else:
            chain = app.not_found
        task = self._start(self._run(ctx, chain, ours))
        if not task.done():
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _serve(self, ctx: Context, chain: Step, ours: bool) -> None:
        current.set(ctx)
        try:
            if ours:
                exchange, parser = ctx.exchange, self._parser
                if exchange.has_body and parser is not None and not parser.at_once(ctx):
                    await parser(ctx)
                if exchange.method in self._overridable:
                    chain = self._overridden(ctx, chain)
            await chain(ctx)
            response = ctx.response
            body = response.content
            if body is None and response.code == 404:
                answer_not_found(ctx, self.app.notfound)
                body = response.content
            if isinstance(body, _WHOLE) or not is_streamed(body):
                respond(ctx)
            else:
                await stream(ctx, body)
        except (Exception, SystemExit) as exc:  # no request ends a worker
            await fail(ctx, exc)
        except asyncio.CancelledError:
            ctx.exchange.cut()
            raise

    async def _logged(self, ctx: Context, chain: Step, ours: bool) -> None:
        """Serves, and say so before (core:META-2)."""
        ctx.core_logger.info(
            "[meta] request started, host: %s, user-agent: %s", ctx.host, ctx.get("user-agent")
        )
        await self._serve(ctx, chain, ours)

    async def _observed(self, ctx: Context, chain: Step, ours: bool) -> None:
        """Serves, and calls the listeners of `request` and `response` (core:APP-5)."""
        current.set(ctx)
        emitter = self.app.emitter
        emitter.call("request", ctx)
        try:
            await self._serving(ctx, chain, ours)
        finally:
            emitter.call("response", ctx)

    def _overridden(self, ctx: Context, chain: Step) -> Step:
        """Returns the chain, another one where the request means another method."""
        method = overriding(ctx)
        if not method:
            return chain
        ctx.exchange.method = method
        found = self._match(method, ctx.exchange.path.decode("latin-1"))
        if found is None:
            ctx.route, ctx.params = None, {}
            return self.app.not_found
        ctx.route, ctx.params = found
        return found[0].chain
