"""`Router`: what `app/router.py` writes to; verbs, names, middleware per route, reverse URLs.

def router(app):
    app.router.get("/", app.controller.home.index)
    app.router.get("user", "/user/:id", login, app.controller.user.show)
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import quote

from eggd.app.compose import awaitable, chain
from eggd.app.mount import Mounts
from eggd.app.path import compile_path
from eggd.app.routes import Route, RouteIndex
from eggd.errors import RouteError
from eggd.interfaces import Handler, Middleware, Step

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Router:
    """The routes of one app; `controllers` resolves a name such as "home.index" (core:RT-4)."""

    def __init__(self, controllers: Callable[[str], Handler]) -> None:
        self.routes: list[Route] = []
        self.index = RouteIndex()
        self._controllers = controllers
        self._outer: list[Middleware] = []
        self.mounts = Mounts()

    def wrap(self, middlewares: Sequence[Middleware]) -> None:
        """Set the app's onion, which every route registered from now on is compiled into."""
        self._outer = [awaitable(middleware) for middleware in middlewares]

    def get(self, *args: Any) -> Router:
        """Answer GET and HEAD (core:RT-1): `(path, ...middleware, handler)`, a name may lead."""
        return self._register(("GET", "HEAD"), args)

    def head(self, *args: Any) -> Router:
        """Answer HEAD."""
        return self._register(("HEAD",), args)

    def post(self, *args: Any) -> Router:
        """Answer POST."""
        return self._register(("POST",), args)

    def put(self, *args: Any) -> Router:
        """Answer PUT."""
        return self._register(("PUT",), args)

    def patch(self, *args: Any) -> Router:
        """Answer PATCH."""
        return self._register(("PATCH",), args)

    def delete(self, *args: Any) -> Router:
        """Answer DELETE."""
        return self._register(("DELETE",), args)

    def options(self, *args: Any) -> Router:
        """Answer OPTIONS."""
        return self._register(("OPTIONS",), args)

    def all(self, *args: Any) -> Router:
        """Answer every method."""
        return self._register(METHODS, args)

    def redirect(self, source: str, target: str, status: int = 301) -> Router:
        """Redirect `source` to `target`, a path or an http(s) URL (core:RT-11)."""

        def handler(ctx: Any) -> None:
            ctx.status = status
            ctx.redirect(target)

        handler.source = f"redirect {target}"  # type: ignore[attr-defined]
        return self._register(METHODS, (source, handler))

    def mount(self, prefix: str, app: Any, *, strip: bool = True) -> Router:
        """Let a Tornado or ASGI application serve what is under `prefix` and no route matches.

        It sees paths without the prefix unless `strip` is false. Raises RouteError.
        """
        self.mounts.add(prefix, app, self._outer, strip=strip)
        return self

    def url(self, name: str, params: dict[str, object] | None = None) -> str:
        """Return the path of the route called `name`, or "" (RT-12); extras go in the query."""
        route = next((route for route in self.routes if name and route.name == name), None)
        if route is None:
            return ""
        path, left = route.pattern.url(params or {})
        query = "&".join(
            f"{_quoted(key)}={_quoted(item)}"
            for key, value in left.items()
            for item in (value if isinstance(value, list | tuple) else (value,))
        )
        return f"{path}{'&' if '?' in path else '?'}{query}" if query else path

    def _register(self, methods: tuple[str, ...], args: tuple[Any, ...]) -> Router:
        name, paths, middlewares, target = _arguments(methods[0].lower(), args)
        handler = self._controllers(target) if isinstance(target, str) else target
        if not callable(handler):
            raise RouteError(f"route {paths[0]!r}: the handler must be callable, not {handler!r}")
        if not name and isinstance(target, str) and not middlewares:
            name = target
        onion = [*self._outer, *map(awaitable, middlewares)] if middlewares else self._outer
        stack = tuple(_source(each) for each in (*middlewares, handler))
        for path in paths:
            order = len(self.routes)
            step = as_step(handler)
            route = Route(methods, compile_path(path), name, stack[-1], order, step, stack)
            if onion:
                _compile_later(route, onion)
            self.routes.append(route)
            self.index.add(route)
        return self


def _compile_later(route: Route, onion: list[Middleware]) -> None:
    """Compile the route's chain when its first request comes: most of a large app wait long."""
    core = route.chain

    def first(ctx: Any) -> Awaitable[None]:
        route.chain = chain(onion, core)
        return route.chain(ctx)

    route.chain = first


def as_step(handler: Handler) -> Step:
    """Return the core of the onion: runs the handler; what it returns becomes the body."""
    if getattr(handler, "is_async", False) or inspect.iscoroutinefunction(handler):

        async def step(ctx: Any) -> None:
            result = await handler(ctx)
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


def _arguments(
    verb: str, args: tuple[Any, ...]
) -> tuple[str, list[str], list[Middleware], Handler | str]:
    given = list(args)
    name = ""
    if given and isinstance(given[0], str) and not given[0].startswith("/"):
        name = given.pop(0)
    if len(given) < 2:
        raise RouteError(
            f"router.{verb}{args!r}: a path and a handler are needed",
            hint=f'router.{verb}("/", app.controller.home.index)',
        )
    paths = list(given[0]) if isinstance(given[0], list | tuple) else [given[0]]
    if not all(isinstance(path, str) for path in paths):
        raise RouteError(f"router.{verb}: a path must be text, not {given[0]!r}")
    middlewares = given[1:-1]
    for middleware in middlewares:
        if not callable(middleware):
            raise RouteError(
                f"{verb} {paths[0]!r}: middleware must be a function, not {middleware!r}"
            )
    return name, paths, middlewares, given[-1]


def _source(handler: Handler) -> str:
    """`file#Class.method()` as the loader noted it, else the function's own file and name."""
    noted = getattr(handler, "source", None)
    if noted is not None:
        return str(noted)
    code = getattr(handler, "__code__", None)
    name = getattr(handler, "__qualname__", type(handler).__name__)
    name = "anonymous" if name.endswith("<lambda>") else name
    return f"{code.co_filename}#{name}()" if code else name


def _quoted(value: object) -> str:
    return quote(str(value), safe="!~*'()")
