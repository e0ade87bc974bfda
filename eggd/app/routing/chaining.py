"""What runs for a matched route: the app's onion, `use` layers, parameters, the route (core:RT-8).

A chain is compiled when its first request comes: most of a large app wait long. Only a handler
that takes `next` can lead on to later routes; those are looked up when it calls it.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, cast

from eggd.app.routing.compose import awaitable, chain
from eggd.app.routing.path import Pattern, spellings, too_long
from eggd.app.routing.routes import ParamFunction, Route, RouteIndex
from eggd.calling import needed
from eggd.errors import HttpError, RouteError
from eggd.interfaces import Handler, Middleware, Step


@dataclass(slots=True)
class Use:
    """A layer of `router.use`: every method, the path and all below it."""

    order: int
    pattern: Pattern
    """Matches its path and all below (`path.below`)."""
    middleware: Middleware
    owner: Any
    """The router or namespace that it was registered with."""

    def certain(self, pattern: Pattern) -> bool | None:
        """Returns whether it runs for all or for none of a route's paths; None: it depends."""
        if self.pattern.path in ("/", "*"):
            return True
        if self.pattern.names or not pattern.literal:
            return None
        return self._params(pattern.text) is not None

    def guarded(self, ctx: Any, next: Any) -> Awaitable[None]:
        """Runs the middleware if the request's path, in any spelling, matches the layer.

        If not, calls `next`.
        """
        params = self._params(ctx.matched_path)
        if params is None:
            return next()  # type: ignore[no-any-return]
        if params:
            ctx.params = {**params, **ctx.params}
        return self.middleware(ctx, next)

    def _params(self, path: str) -> dict[str, str] | None:
        if too_long(self.pattern, path):
            return {}
        tried = (self.pattern.match(each) for each in (path, *spellings(path)))
        return next((params for params in tried if params is not None), None)


@dataclass(slots=True)
class Table:
    """What a router and its namespaces share."""

    controllers: Callable[[str], Handler]
    routes: list[Route] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    names: dict[str, Route] = field(default_factory=dict)
    named: list[Route] = field(default_factory=list)
    """The routes that were given a name, of a list of paths the first."""
    targets: list[str] = field(default_factory=list)
    """The names that redirects lead to."""
    params: list[str] = field(default_factory=list)
    """The parameters that have a function."""
    index: RouteIndex = field(default_factory=RouteIndex)
    outer: list[Middleware] = field(default_factory=list)
    """The app's onion."""
    behind: list[Middleware] = field(default_factory=list)
    """What runs where no route matched, or the last one called `next` (core:MW-7)."""
    answer_methods: bool = True
    """Whether 405, 501 and OPTIONS are answered by the router itself (core:RT-10)."""

    def add(self, route: Route) -> None:
        """Adds a route; of those with the same name the first keeps it (core:RT-12)."""
        self.routes.append(route)
        self.index.add(route)
        if route.name:
            self.names.setdefault(route.name, route)
        compile_later(self, route)

    def next_order(self) -> int:
        """Returns the place of the next route or layer in the order of registration."""
        return len(self.routes) + len(self.uses)

    def unmatched(self) -> Step:
        """Returns the core of the onion of a request that no route matches."""

        async def last(ctx: Any) -> None:
            if self.answer_methods:
                answer_methods(self.index, ctx)

        async def core(ctx: Any) -> None:
            if ctx.route is not None:
                await rerouted(self, ctx)
            else:
                await chain(self.behind, last)(ctx)

        return core


def compile_later(table: Table, route: Route) -> None:
    """Lets the route's chain be compiled by the first request that it matches."""

    def first(ctx: Any) -> Awaitable[None]:
        route.chain = _whole(table, route)
        return route.chain(ctx)

    route.chain = first


def _whole(table: Table, route: Route) -> Step:
    inner = _inner(table, route, -1, route.pattern.names)
    if not table.outer:
        return inner  # nobody can have set ctx.router_path

    def entry(ctx: Any) -> Awaitable[None]:
        return inner(ctx) if ctx.route is route else rerouted(table, ctx)

    return chain(table.outer, entry)


async def rerouted(table: Table, ctx: Any) -> None:
    """Runs the route that a middleware chose by setting `ctx.router_path` (core:RT-9)."""
    if ctx.route is None:
        await table.unmatched()(ctx)
    else:
        await _inner(table, ctx.route, -1, ctx.route.pattern.names)(ctx)


def _inner(table: Table, route: Route, after: int, names: Sequence[str]) -> Step:
    """Returns the chain inside the onion, of what was registered after `after`."""
    uses = [
        use.guarded if certain is None else use.middleware
        for use in table.uses
        if after < use.order < route.order and (certain := use.certain(route.pattern)) is not False
    ]
    params = [
        _param(name, function) for name in names for function in route.owner.param_functions(name)
    ]
    core = route.core or _following(table, route)
    return chain([*uses, *params, *route.middlewares], core)


def _following(table: Table, route: Route) -> Step:
    async def step(ctx: Any) -> None:
        found = table.index.after(ctx.method, ctx.matched_path, route.order)
        if found is None:
            left = [use.guarded for use in table.uses if use.order > route.order]
            await chain([*left, *table.behind], _end)(ctx)
            return
        before = ctx.params
        ctx.route, ctx.params = found[0], {**before, **found[1]}
        new = [name for name in found[1] if before.get(name) != found[1][name]]
        await _inner(table, found[0], route.order, new)(ctx)

    return step


async def _end(ctx: Any) -> None:
    """Behind the last layer: a 404 unless somebody gave a body."""


def _param(name: str, function: ParamFunction) -> Middleware:
    run = awaitable(lambda ctx, next: function(ctx.params[name], ctx, next))

    def step(ctx: Any, next: Any) -> Awaitable[None]:
        return run(ctx, next) if name in ctx.params else next()

    return step


def answer_methods(index: RouteIndex, ctx: Any) -> None:
    """Answers OPTIONS with Allow. Raises HttpError 501 or 405 (RFC 9110, 15.6.2, 15.5.6)."""
    if ctx.method not in index.methods:
        raise HttpError(501)
    allowed = index.allowed(ctx.matched_path)
    if not allowed:
        return
    allow = ", ".join(dict.fromkeys([*allowed, "OPTIONS"]))
    if ctx.method != "OPTIONS":
        raise HttpError(405, headers={"Allow": allow})
    ctx.set("Allow", allow)
    ctx.body = ""


def wants_next(handler: Handler) -> bool:
    """Returns whether a handler takes `(ctx, next)`; raises RouteError if it needs yet more."""
    count = needed(handler)
    if count in (1, None) and _first(handler) == "next":
        raise RouteError(
            f"a handler takes ctx, or ctx and next; {_name(handler)} takes only next",
            hint="declare it as def handler(ctx, next)",
        )
    if count == 0 and _takes_nothing(handler):
        raise RouteError(
            f"a handler takes ctx, or ctx and next; {_name(handler)} takes no argument",
            hint="declare it as def handler(ctx)",
        )
    if count is not None and count > 2:
        raise RouteError(f"a handler takes ctx, or ctx and next; {_name(handler)} takes {count}")
    return count == 2


def _takes_nothing(handler: Handler) -> bool:
    """Returns whether a function accepts no positional argument at all."""
    if not isinstance(handler, FunctionType) or hasattr(handler, "__wrapped__"):
        return False
    code = handler.__code__
    return not code.co_argcount and not code.co_flags & inspect.CO_VARARGS


def _first(handler: Handler) -> str:
    """Returns the name of a function's first argument, "" if it has no signature."""
    if isinstance(handler, FunctionType) and not hasattr(handler, "__wrapped__"):
        return handler.__code__.co_varnames[0]  # signature() takes longer than all of a route
    try:
        return next(iter(inspect.signature(handler).parameters), "")
    except (TypeError, ValueError):
        return ""


def _name(handler: Handler) -> str:
    return getattr(handler, "__qualname__", type(handler).__name__)


def as_step(handler: Handler) -> Step:
    """Returns the core of the onion: runs the handler; what it returns becomes the body."""
    if getattr(handler, "is_async", False) or inspect.iscoroutinefunction(handler):

        async def step(ctx: Any) -> None:
            result = await cast("Awaitable[object]", handler(ctx))
            if result is not None:
                ctx.body = result
    else:

        async def step(ctx: Any) -> None:
            result = handler(ctx)
            if inspect.isawaitable(result):
                result = await result
            if result is not None:
                ctx.body = result

    return step


def as_middleware(handler: Handler) -> Middleware:
    """Returns a handler of `(ctx, next)` as a link; what it returns becomes the body."""

    async def middleware(ctx: Any, next: Any) -> None:
        result = handler(ctx, next)
        if inspect.isawaitable(result):
            result = await result
        if result is not None:
            ctx.body = result

    return middleware
