"""Chains of routes: the app's middleware, `use` layers, parameters, own middleware (core:RT-8).

A chain is compiled once, for its first request: most routes of a large app wait long for one. A
later registration that changes chains drops them. Only a handler that takes `next` can lead on to
later routes; the chain to each of them is compiled once, too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from eggd.app.routing.handlers import as_middleware, as_step, is_async
from eggd.app.routing.interfaces import RouteContext
from eggd.app.routing.links import Link, link
from eggd.app.routing.onion import awaitable, onion
from eggd.app.routing.path import Pattern, spellings, too_long
from eggd.app.routing.route import Chain, ParamFunction, Route
from eggd.app.routing.route_index import RouteIndex
from eggd.errors import HttpError
from eggd.interfaces import Handler, Middleware, Next, Step


@dataclass(slots=True)
class Layer:
    """A middleware of `router.use`: for every method, for its path and all paths below it."""

    order: int
    pattern: Pattern
    """Matches its path and all below (`path.below`)."""
    middleware: Middleware
    owner: Any
    """The router or namespace that it was registered with."""

    def certain(self, pattern: Pattern) -> bool | None:
        """Returns whether it runs for every or no path of a route; None if that depends."""
        if self.pattern.path in ("/", "*"):
            return True
        if self.pattern.names or not pattern.literal:
            return None
        return self._params(pattern.text) is not None

    def run_if_matching(self, ctx: RouteContext, next: Next) -> Awaitable[None]:
        """Runs the middleware if the request's path matches in any spelling, else calls `next`."""
        params = self._params(ctx.matched_path)
        if params is None:
            return next()
        if params:
            ctx.params = {**params, **ctx.params}
        return self.middleware(ctx, next)

    def _params(self, path: str) -> dict[str, str] | None:
        if too_long(self.pattern, path):
            return {}
        matches = (self.pattern.match(each) for each in (path, *spellings(path)))
        return next((params for params in matches if params is not None), None)


@dataclass(slots=True)
class Table:
    """The state that a router and its namespaces share."""

    controllers: Callable[[str], Handler]
    routes: list[Route] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)
    names: dict[str, Route] = field(default_factory=dict)
    named: list[Route] = field(default_factory=list)
    """The routes with a name; of a list of paths only the first."""
    targets: list[str] = field(default_factory=list)
    """The route names that redirects lead to."""
    params: list[str] = field(default_factory=list)
    """The parameters that have a function."""
    index: RouteIndex = field(default_factory=RouteIndex)
    outer: list[Middleware] = field(default_factory=list)
    """The app's middleware, outermost first."""
    behind: list[Middleware] = field(default_factory=list)
    """Runs if no route matched, or the last one called `next` (core:MW-7)."""
    answer_methods: bool = True
    """Whether the router answers 405, 501 and OPTIONS by itself (core:RT-10)."""
    _steps: dict[tuple[object, ...], Step] = field(default_factory=dict)
    """The compiled steps inside the app's middleware, by what they are compiled from."""

    def add(self, route: Route) -> None:
        """Adds a route; of several with the same name the first keeps it (core:RT-12)."""
        self.routes.append(route)
        self.index.add(route)
        if route.name:
            self.names.setdefault(route.name, route)
        self._steps.clear()

    def add_layer(self, layer: Layer) -> None:
        """Adds a layer for the routes that follow."""
        self.layers.append(layer)
        self._steps.clear()

    def add_behind(self, middleware: Middleware) -> None:
        """Adds a middleware that runs behind all routes."""
        self.behind.append(middleware)
        self._steps.clear()

    def next_order(self) -> int:
        """Returns the place of the next route or layer in the order of registration."""
        return len(self.routes) + len(self.layers)

    def forget_chains(self) -> None:
        """Drops all compiled chains, as middleware, paths or parameters have changed."""
        self._steps.clear()
        for route in self.routes:
            route.chain = None

    def compile(self, route: Route) -> Chain:
        """Returns the whole chain of a route, which is kept as `route.chain`."""
        route.chain = self._chain(route)
        return route.chain

    def unmatched(self) -> Step:
        """Returns the whole chain of a request that no route matches."""
        return onion(self.outer, self._core)

    def links(self, route: Route | None) -> list[Link]:
        """Returns the functions of a route's chain, outermost first.

        None: those of a request that no route matches.
        """
        outer = [link("middleware", each) for each in self.outer]
        if route is None:
            return [*outer, *(link("middleware", each) for each in self.behind)]
        return [
            *outer,
            *(link("layer", layer.middleware) for layer in self._layers(route, -1)),
            *(
                link("param", function)
                for name in route.pattern.names
                for function in route.owner.param_functions(name)
            ),
            *(link("route middleware", each) for each in route.middlewares),
            link("handler", route.handler),
        ]

    def _layers(self, route: Route, after: int) -> list[Layer]:
        """Returns the layers of a route that may match its path, registered after `after`."""
        return [
            layer
            for layer in self.layers
            if after < layer.order < route.order and layer.certain(route.pattern) is not False
        ]

    def _chain(self, route: Route) -> Chain:
        names = route.pattern.names
        is_plain = is_async(route.handler) and not route.takes_next
        route.is_bare = is_plain and not self.outer and not self._links(route, -1, names)
        if route.is_bare:
            return cast("Chain", route.handler)
        inner = self._inner(route, -1, names)
        if not self.outer:
            return inner  # only a middleware can have set ctx.router_path

        def core(ctx: RouteContext) -> Awaitable[None]:
            return inner(ctx) if ctx.route is route else self._core(ctx)

        return onion(self.outer, core)

    def _core(self, ctx: RouteContext) -> Awaitable[None]:
        """Runs the route that a middleware chose, else the middleware behind all routes."""
        route = ctx.route
        if route is None:
            return self._once(("behind",), lambda: onion(self.behind, self._last))(ctx)
        return self._inner(route, -1, route.pattern.names)(ctx)

    def _once(self, key: tuple[object, ...], compile: Callable[[], Step]) -> Step:
        step = self._steps.get(key)
        if step is None:
            step = self._steps[key] = compile()
        return step

    def _inner(self, route: Route, after: int, names: Sequence[str]) -> Step:
        """Returns the chain inside the app's middleware, of layers registered after `after`.

        `names` are the parameters whose functions run.
        """

        def compile() -> Step:
            links = self._links(route, after, names)
            if route.takes_next:
                return onion([*links, as_middleware(route.handler)], self._following(route))
            return onion(links, as_step(route.handler))

        return self._once((route, after, *names), compile)

    def _links(self, route: Route, after: int, names: Sequence[str]) -> list[Middleware]:
        layers = [
            layer.middleware if layer.certain(route.pattern) else layer.run_if_matching
            for layer in self._layers(route, after)
        ]
        params = [
            _param(name, function)
            for name in names
            for function in route.owner.param_functions(name)
        ]
        return [*layers, *params, *map(awaitable, route.middlewares)]

    def _following(self, route: Route) -> Step:
        """Returns the step that runs the next matching route, else the middleware behind all."""

        async def step(ctx: RouteContext) -> None:
            match = self.index.after(ctx.method, ctx.matched_path, route.order)
            if match is None:
                await self._once(("after", route.order), lambda: self._rest(route.order))(ctx)
                return
            before = ctx.params
            ctx.route, ctx.params = match[0], {**before, **match[1]}
            changed = [name for name, value in match[1].items() if before.get(name) != value]
            await self._inner(match[0], route.order, changed)(ctx)

        return step

    def _rest(self, order: int) -> Step:
        """Returns the chain of the layers after the last route that matches."""
        layers = [layer.run_if_matching for layer in self.layers if layer.order > order]
        return onion([*layers, *self.behind], _end)

    async def _last(self, ctx: RouteContext) -> None:
        if self.answer_methods:
            answer_methods(self.index, ctx)


async def _end(ctx: RouteContext) -> None:
    """Does nothing: the response is 404 unless a middleware has set a body."""


def _param(name: str, function: ParamFunction) -> Middleware:
    run = awaitable(lambda ctx, next: function(ctx.params[name], ctx, next))

    def step(ctx: RouteContext, next: Next) -> Awaitable[None]:
        return run(ctx, next) if name in ctx.params else next()

    return step


def answer_methods(index: RouteIndex, ctx: RouteContext) -> None:
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
