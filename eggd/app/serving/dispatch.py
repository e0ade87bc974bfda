"""The way of a request: exchange -> route -> Context -> the route's chain -> one write.

The chain starts at once, in a real task; a handler that never suspends is answered before the
server's `data_received` returns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from eggd.app.config import MetaConfig, NotFoundConfig, OverrideMethodConfig
from eggd.app.context.context import Context, current, new_context
from eggd.app.context.emitter import Emitter
from eggd.app.context.interfaces import AppLike
from eggd.app.routing.route import Chain
from eggd.app.routing.router import Router
from eggd.app.serving.before_send import complete, complete_stream
from eggd.app.serving.body import respond
from eggd.app.serving.body_parser import BodyParser, NoParser
from eggd.app.serving.eager import eager_starter
from eggd.app.serving.failure import answer_not_found, fail
from eggd.app.serving.guards import Guard, proceed
from eggd.app.serving.override_method import overridable, overriding
from eggd.app.serving.stream import is_streamed, stream
from eggd.http import Exchange, HttpConfig
from eggd.interfaces import Step

_WHOLE = frozenset((str, dict, list, bytes))
"""The usual classes of bodies that are not streamed."""
# A method of an imported name is looked up without a cache: 300 instructions for each request.
_set_current = current.set


class ServedApp(AppLike, Protocol):
    """The members of an application that serve its requests."""

    router: Router
    parse_body: BodyParser | None
    admit: Guard | None
    """The function that sees every request first."""
    not_found: Step
    """The chain of requests that no route and no mount matches."""

    @property
    def emitter(self) -> Emitter:
        """The events of the application."""
        ...

    @property
    def notfound(self) -> NotFoundConfig:
        """The `notfound` section."""
        ...


class Dispatcher:
    """Serves exchanges with one app."""

    def __init__(self, app: ServedApp, loop: asyncio.AbstractEventLoop) -> None:
        self.app = app
        # The requests that wait for something; a worker that stops waits for them.
        self.tasks: set[asyncio.Task[None]] = set()
        # Looked up once: every request uses them.
        self._start = eager_starter(loop)
        self._match = app.router.index.match
        self._compile = app.router.compile
        self._mounts = app.router.mounts
        # The limit of bodies of routes without one; None if all routes have this one.
        default: int = app.config[HttpConfig].body_limit
        self._body_limit = None if app.router.body_limit(default) is None else default
        parser = app.parse_body or NoParser()
        self._parse, self._parse_at_once = parser, parser.at_once
        self._overridable = overridable(app.config[OverrideMethodConfig])
        self._logs_start = app.config[MetaConfig].logging
        # Emits `response` as a request ends; None without listeners.
        self._ended: Callable[[Context], None] | None
        app.emitter.changed.append(self._choose_events)
        self._choose_events()

    def _choose_events(self) -> None:
        """Emits events only while they have listeners: an app without listeners pays nothing."""
        emitter = self.app.emitter
        self._ended = emitter.caller("response")
        is_announced = self._logs_start or emitter.listeners["request"]
        self._run = self._announced if is_announced else self._serve

    def __call__(self, exchange: Exchange) -> None:
        """Starts to serve one request, which is answered before this returns if it never waits."""
        path = exchange.path.decode()  # ASCII, as all targets
        match = self._match(exchange.method, path)
        is_mounted = False
        chain: Chain
        if match is not None:
            route, params = match
            ctx = new_context(self.app, exchange, route, params)
            chain = route.chain or self._compile(route)
        else:
            ctx = new_context(self.app, exchange, None, {})
            mount = self._mounts.match(path) if self._mounts else None
            is_mounted = mount is not None
            chain = self.app.not_found if mount is None else mount.chain
        task = self._start(self._run(ctx, chain, is_mounted))
        if task is not None:
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _serve(self, ctx: Context, chain: Chain, is_mounted: bool) -> None:
        _set_current(ctx)
        try:
            admit = self.app.admit
            later = None if admit is None else admit(ctx)
            exchange = ctx.exchange
            # A mounted application reads the body itself.
            if exchange.has_body and self._waits_for_body(ctx, is_mounted):
                await self._parse(ctx)
            if exchange.method in self._overridable and not is_mounted:
                chain = self._overridden(ctx, chain)
            if later is not None:
                await proceed(later)
            result = await chain(ctx)
            body = ctx.response.content
            if result is not None or body is None:
                body = self._choose_body(ctx, result)
            if ctx._sending is not None:
                await complete(ctx)
            if type(body) in _WHOLE or not is_streamed(body):
                respond(ctx)
            else:
                await _stream(ctx, body)
        except (asyncio.CancelledError, GeneratorExit, KeyboardInterrupt):
            ctx.exchange.disconnect()
            raise
        except BaseException as exc:  # no request ends a worker
            await fail(ctx, exc)
        finally:
            if self._ended is not None:
                self._ended(ctx)

    def _choose_body(self, ctx: Context, result: object) -> object:
        """Returns the body: the result of a bare route, the one that was set, or the answer to a
        request that nothing answered."""
        response = ctx.response
        if result is not None and ctx.route is not None and ctx.route.is_bare:
            response.body = result
        if response.content is None and response.code == 404:
            answer_not_found(ctx, self.app.notfound)
        return response.content

    def _waits_for_body(self, ctx: Context, is_mounted: bool) -> bool:
        """Parses a body that is complete; returns whether the parser must wait for another one."""
        if self._body_limit is not None:
            limit = None if ctx.route is None else ctx.route.body_limit
            ctx.exchange.limit_body(self._body_limit if limit is None else limit)
        return not is_mounted and not self._parse_at_once(ctx)

    async def _announced(self, ctx: Context, chain: Chain, is_mounted: bool) -> None:
        """Emits `request` and logs the request, if the config asks for it, then serves it
        (core:APP-5, META-2)."""
        _set_current(ctx)
        self.app.emitter.call("request", ctx)
        if self._logs_start:
            ctx.core_logger.info(
                "[meta] request started, host: %s, user-agent: %s", ctx.host, ctx.get("user-agent")
            )
        await self._serve(ctx, chain, is_mounted)

    def _overridden(self, ctx: Context, chain: Chain) -> Chain:
        """Returns the chain, or that of another method if the request asks for another one."""
        method = overriding(ctx)
        if not method:
            return chain
        ctx.exchange.method = method
        match = self._match(method, ctx.exchange.path.decode("latin-1"))
        if match is None:
            ctx.route, ctx.params = None, {}
            return self.app.not_found
        ctx.route, ctx.params = match
        return match[0].chain or self._compile(match[0])


async def _stream(ctx: Context, body: object) -> None:
    await stream(ctx, body)
    await complete_stream(ctx)
