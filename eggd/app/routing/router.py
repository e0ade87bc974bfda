"""`Router`: what `app/router.py` writes to; verbs, names, namespaces, resources, reverse URLs.

def router(app):
    app.router.get("/", app.controller.home.index)
    app.router.get("user", "/user/:id", login, app.controller.user.show)
    api = app.router.namespace("/api", throttle)
    api.resources("posts", "/posts", app.controller.posts)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Self

from eggd.app.routing.chains import Layer, Table
from eggd.app.routing.handlers import check_middleware, source_of, takes_next
from eggd.app.routing.links import Link
from eggd.app.routing.mistakes import mistakes, uncovered_mounts
from eggd.app.routing.mount import Mounts
from eggd.app.routing.onion import awaitable
from eggd.app.routing.path import (
    Pattern,
    below,
    compile_path,
    compile_regex,
    replace_prefix,
    with_query,
)
from eggd.app.routing.redirects import check_status, is_name, redirecting
from eggd.app.routing.resources import ACTIONS, actions_of, names
from eggd.app.routing.route import Chain, ParamFunction, Route
from eggd.app.routing.route_index import RouteIndex
from eggd.app.routing.verbs import (
    Limit,
    Registration,
    RoutePath,
    Verbs,
    arguments,
    callables,
    limited,
)
from eggd.app.routing.websocket import as_handler
from eggd.errors import RouteError
from eggd.interfaces import Handler, Middleware, Step


class Router(Verbs):
    """The routes of one app, or a part of them with a path of its own (`namespace`)."""

    def __init__(
        self,
        controllers: Callable[[str], Handler],
        parent: Router | None = None,
        prefix: str = "",
        middlewares: Sequence[Middleware] = (),
    ) -> None:
        self._table: Table = parent._table if parent else Table(controllers)
        self._parent = parent
        self._path = prefix
        self._middlewares = list(middlewares)
        self._params: dict[str, list[ParamFunction]] = {}
        self.mounts: Mounts = parent.mounts if parent else Mounts()

    @property
    def routes(self) -> list[Route]:
        """Every route in order of registration, those of namespaces too."""
        return self._table.routes

    @property
    def index(self) -> RouteIndex:
        """Finds the route of a request."""
        return self._table.index

    @property
    def base(self) -> str:
        """The prefix of every path of this router, "" at the root."""
        return (self._parent.base if self._parent else "") + self._path

    def body_limit(self, default: int) -> int | None:
        """Returns the largest limit of a body, if routes have limits; else None.

        `default` is that of all other routes, in bytes.
        """
        limits = [each.body_limit for each in self.routes if each.body_limit is not None]
        return max(default, *limits) if limits else None

    def warnings(self) -> list[str]:
        """Returns a line for each unreachable route, name or parameter, and for each setting of a
        mounted application that has no effect.
        """
        prefixes = [mount.prefix for mount in self.mounts]
        return [
            *mistakes(self._table),
            *uncovered_mounts(self._table.layers, prefixes),
            *self.mounts.warnings,
        ]

    def wrap(self, middlewares: Sequence[Middleware], *, answer_methods: bool = True) -> Step:
        """Sets the app's middleware for all routes and mounts.

        Returns the chain of all other requests.
        """
        table = self._table
        table.outer = [awaitable(middleware) for middleware in middlewares]
        table.answer_methods = answer_methods
        self.mounts.wrap(table.outer)
        table.forget_chains()
        return table.unmatched()

    def compile(self, route: Route) -> Chain:
        """Compiles the chain of a route, which its first request needs."""
        return self._table.compile(route)

    def links(self, route: Route | None) -> list[Link]:
        """Returns the functions that may run for a route, outermost first, as the app wrote them.

        None: those of a request that no route matches.
        """
        return self._table.links(route)

    def behind(self, middleware: Middleware) -> None:
        """Runs a middleware if no route matched, or the last one called `next` (core:MW-7)."""
        self._table.add_behind(awaitable(middleware))

    def namespace(self, prefix: str, *middlewares: object) -> Router:
        """Returns a router whose paths begin with `prefix`, behind these middleware (core:RT-18).

        Raises RouteError for a prefix that is "/" or not text.
        """
        if not isinstance(prefix, str) or not prefix.startswith("/") or prefix == "/":
            raise RouteError(
                f"router.namespace: the prefix must be a path below /, not {prefix!r}",
                hint='router.namespace("/api")',
            )
        compile_path(prefix)
        functions = callables(f"namespace {prefix!r}", middlewares)
        return Router(self._table.controllers, self, prefix.rstrip("/"), functions)

    def resources(self, *args: object, body_limit: Limit = None) -> Self:
        """Adds the REST routes of a controller: `(prefix, ...middleware, controller)` (core:RT-14).

        A name may lead; a controller given as text is its name. Only actions it has are added.
        """
        given = limited("resources", self._resource(args), body_limit)
        base = given.name or (given.target if isinstance(given.target, str) else "")
        controller = given.target
        if isinstance(controller, str):
            controller = self._table.controllers(controller)
        actions = actions_of(controller)
        if not actions:
            known = ", ".join(action for action, *_ in ACTIONS)
            raise RouteError(
                f"resources {given.paths[0]!r}: {given.target!r} has no resource actions",
                hint=f"one of {known}",
            )
        named = names(base.replace(".", "_"))
        prefix = str(given.paths[0]).rstrip("/")
        for action, methods, tail, _ in ACTIONS:
            if action in actions:
                each = Registration(
                    name=named[action],
                    paths=[prefix + tail or "/"],
                    middlewares=given.middlewares,
                    target=actions[action],
                    body_limit=given.body_limit,
                )
                self._register(methods, each)
        return self

    def use(self, *args: object) -> Self:
        """Runs middleware for every route registered from here on: `(path, ...middleware)`.

        It runs for the path and all paths below it, by default for all, if a route matches (RT-8).
        """
        paths, middlewares = ["/"], list(args)
        if args and isinstance(args[0], str | list | tuple):
            paths = [args[0]] if isinstance(args[0], str) else list(args[0])
            middlewares = list(args[1:])
        if not middlewares or any(isinstance(each, Router) for each in middlewares):
            raise RouteError(
                f"router.use{args!r}: middleware is needed", hint="routes: router.namespace(path)"
            )
        for path in paths:
            for each in callables(f"use {path!r}", middlewares):
                pattern = below(compile_path(self._full_path(path)))
                order = self._table.next_order()
                self._table.add_layer(Layer(order, pattern, awaitable(each), self))
        return self

    def param(self, name: str, function: ParamFunction) -> Self:
        """Runs `function(value, ctx, next)` before handlers of routes with `:name` (core:RT-16)."""
        callables(f"param {name!r}", [function])
        self._params.setdefault(name, []).append(function)
        self._table.params.append(name)
        self._table.forget_chains()
        return self

    def param_functions(self, name: str) -> list[ParamFunction]:
        """Returns the functions of a parameter, those of the router around first."""
        around = self._parent.param_functions(name) if self._parent else []
        return around + self._params.get(name, [])

    def prefix(self, path: str) -> Self:
        """Puts `path` before every path of this router, those already registered too (RT-17)."""
        compile_path(path)
        old = self.base
        self._path += path.rstrip("/")
        new, table = self.base, self._table
        for route in table.routes:
            if self._owns(route.owner):
                if route.pattern.given:
                    raise RouteError(f"prefix {path!r}: {route.pattern.path!r} is a regex")
                route.pattern = compile_path(replace_prefix(route.pattern.path, old, new))
        for layer in table.layers:
            if self._owns(layer.owner):
                layer.pattern = below(compile_path(replace_prefix(layer.pattern.path, old, new)))
        table.index.rebuild(table.routes)
        table.forget_chains()
        return self

    def ws(
        self,
        *args: object,
        origins: Sequence[str] = (),
        protocols: Sequence[str] = (),
        max_message: int = 1024 * 1024,
    ) -> Self:
        """Serves a WebSocket: `(path, ...middleware, handler)`, `async def handler(ctx, socket)`.

        Pages of other hosts may connect only if their origin is in `origins` ("*": all of them).
        A message above `max_message` bytes closes it with 1009. Raises RouteError.
        """
        talk = as_handler(args[-1] if args else None, origins, protocols, max_message)
        before = len(self.routes)
        self.get(*args[:-1], talk)
        for route in self.routes[before:]:
            route.kind = "websocket"
        return self

    def redirect(self, source: str, target: str, status: int = 301) -> Self:
        """Redirects `source` to `target`: a path, an http(s) URL, or a route's name (core:RT-11).

        Raises RouteError for a status other than 301, 302, 303, 307 and 308.
        """
        check_status(status)
        path = source if source.startswith("/") else self.url(source)
        if not path:
            raise RouteError(
                f"redirect: no route is called {source!r}", hint="register the route first"
            )
        if is_name(target):
            self._table.targets.append(target)
        return self.all(path, redirecting(target, status, self._table.names))

    def mount(self, prefix: str, app: object, *, strip: bool = True) -> Self:
        """Lets a Tornado or ASGI application serve paths under `prefix` that no route matches.

        It sees paths without the prefix if `strip` is true. Raises RouteError.
        """
        self.mounts.add(self._full_path(prefix), app, self._around(), strip=strip)
        self.mounts.wrap(self._table.outer)
        return self

    def url(self, name: str, params: dict[str, object] | None = None) -> str:
        """Returns the path of the route called `name`, or "" (RT-12); extras go in the query."""
        route = self._table.names.get(name)
        if route is None:
            return ""
        return with_query(*route.pattern.url(params or {}))

    path_for = url

    def _register(self, methods: Sequence[str], given: Registration) -> None:
        target = given.target
        handler = self._table.controllers(target) if isinstance(target, str) else target
        if not callable(handler):
            raise RouteError(
                f"route {given.paths[0]!r}: the handler must be callable, not {handler!r}"
            )
        name = given.name or (target if isinstance(target, str) and not given.middlewares else "")
        for each in given.middlewares:
            check_middleware(each, given.paths[0])
        middlewares = [*self._around(), *given.middlewares]
        is_passing = takes_next(handler)
        stack = tuple(source_of(each) for each in (*given.middlewares, handler))
        for path in given.paths:
            route = Route(
                tuple(methods),
                self._pattern(path),
                name,
                self._table.next_order(),
                handler,
                is_passing,
                stack,
                middlewares,
                self,
                body_limit=given.body_limit,
            )
            self._table.add(route)
            if given.name and path is given.paths[0]:
                self._table.named.append(route)

    def _resource(self, args: tuple[object, ...]) -> Registration:
        given = arguments("resources", args)
        if len(given.paths) != 1 or isinstance(given.paths[0], re.Pattern):
            raise RouteError(f"router.resources{args!r}: one path is needed")
        return given

    def _around(self) -> list[Middleware]:
        """Returns the middleware of this namespace and those around it, outermost first."""
        return (self._parent._around() if self._parent else []) + self._middlewares

    def _pattern(self, path: RoutePath) -> Pattern:
        if isinstance(path, str):
            return compile_path(self._full_path(path))
        if self.base:
            raise RouteError(f"{path.pattern!r}: a regex cannot be below {self.base!r}")
        return compile_regex(path)

    def _full_path(self, path: str) -> str:
        if not path.startswith(("/", "*")):
            raise RouteError(f"route path {path!r} must begin with a slash")
        if self.base and path.startswith("*"):
            path = f"/{path}"
        return path if not self.base else self.base + ("" if path == "/" else path)

    def _owns(self, router: Router | None) -> bool:
        return router is not None and (router is self or self._owns(router._parent))
