"""The verbs of `app.router`, its namespaces, and `app` itself (core:RT-1, RT-2).

Each takes `(path, ...middleware, handler)`, with an optional name before the path. A path is text
that begins with a slash, `*`, a compiled regular expression, or a list of those. `body_limit`, a
number of bytes or text such as "4gb", replaces the server's limit of the body for these routes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self, cast

from eggd.app.routing.route_index import METHODS
from eggd.config import size
from eggd.errors import RouteError
from eggd.interfaces import Middleware

RoutePath = str | re.Pattern[str]
Limit = int | str | None
"""A number of bytes, or text such as "4gb"; None: `http.body_limit` of the config."""
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The checked arguments of a verb."""

    name: str
    """The route's name, or ""."""
    paths: Sequence[RoutePath]
    """One route is made per path."""
    middlewares: Sequence[Middleware]
    """The route's own, outermost first."""
    target: object
    """A handler, or the name of an action."""
    body_limit: int | None = None
    """Bytes of a request's body; None: the server's limit."""


class Verbs:
    """One method per verb; all of them call `_register`."""

    def _register(self, methods: Sequence[str], given: Registration) -> None:
        raise NotImplementedError

    def get(self, *args: object, body_limit: Limit = None) -> Self:
        """Answers GET and HEAD: `(path, ...middleware, handler)`, a name may lead."""
        return self._verb("get", ("GET", "HEAD"), args, body_limit)

    def head(self, *args: object, body_limit: Limit = None) -> Self:
        """Answers HEAD."""
        return self._verb("head", ("HEAD",), args, body_limit)

    def post(self, *args: object, body_limit: Limit = None) -> Self:
        """Answers POST."""
        return self._verb("post", ("POST",), args, body_limit)

    def put(self, *args: object, body_limit: Limit = None) -> Self:
        """Answers PUT."""
        return self._verb("put", ("PUT",), args, body_limit)

    def patch(self, *args: object, body_limit: Limit = None) -> Self:
        """Answers PATCH."""
        return self._verb("patch", ("PATCH",), args, body_limit)

    def delete(self, *args: object, body_limit: Limit = None) -> Self:
        """Answers DELETE; Egg's `del` is a keyword in Python."""
        return self._verb("delete", ("DELETE",), args, body_limit)

    def options(self, *args: object, body_limit: Limit = None) -> Self:
        """Answers OPTIONS, instead of the router's own answer."""
        return self._verb("options", ("OPTIONS",), args, body_limit)

    def all(self, *args: object, body_limit: Limit = None) -> Self:
        """Answers every method."""
        return self._verb("all", METHODS, args, body_limit)

    def register(self, methods: Sequence[str], *args: object, body_limit: Limit = None) -> Self:
        """Answers the given methods, also unregistered ones: `(["GET", "PURGE"], path, ...)`."""
        if isinstance(methods, str) or not methods:
            raise RouteError(f"router.register: methods must be a list, not {methods!r}")
        return self._verb("register", tuple(map(_method, methods)), args, body_limit)

    def _verb(
        self, verb: str, methods: Sequence[str], args: tuple[object, ...], body_limit: Limit
    ) -> Self:
        self._register(methods, limited(verb, arguments(verb, args), body_limit))
        return self


def arguments(verb: str, args: tuple[object, ...]) -> Registration:
    """Returns the arguments of a verb by kind (core:RT-2). Raises RouteError for invalid ones."""
    name, given = "", list(args)
    if given and isinstance(given[0], str) and not given[0].startswith(("/", "*")):
        name, *given = given[0], *given[1:]
    if name and len(given) == 1 and callable(given[0]):
        raise RouteError(
            f"router.{verb}: route path {name!r} must begin with a slash",
            hint=f"write {'/' + name!r}",
        )
    if len(given) < 2:
        raise RouteError(
            f"router.{verb}({_display(args)}): a path and a handler are needed",
            hint=f'router.{verb}("/", app.controller.home.index)',
        )
    listed = list(given[0]) if isinstance(given[0], list | tuple) else [given[0]]
    paths = [path for path in listed if isinstance(path, str | re.Pattern)]
    if not paths or paths != listed:
        raise RouteError(f"router.{verb}: a path must be text, not {given[0]!r}")
    where = f"{verb} {name or paths[0]!r}"
    return Registration(
        name=name, paths=paths, middlewares=callables(where, given[1:-1]), target=given[-1]
    )


def limited(verb: str, given: Registration, limit: Limit) -> Registration:
    """Returns the arguments with a limit of bodies. Raises RouteError for a wrong one."""
    if limit is None:
        return given
    return replace(given, body_limit=_size(verb, given, limit))


def _size(verb: str, given: Registration, limit: int | str) -> int:
    """Returns a limit in bytes; raises RouteError for a value that is not one."""
    try:
        return size(limit)
    except ValueError as exc:
        raise RouteError(
            f"{verb} {given.name or given.paths[0]!r}: body_limit must be {exc}, not {limit!r}"
        ) from exc


def _display(args: tuple[object, ...]) -> str:
    """Returns arguments as text, functions by their names."""
    return ", ".join(getattr(each, "__qualname__", None) or repr(each) for each in args)


def _method(name: object) -> str:
    """Returns a method in upper case; raises RouteError for an invalid one."""
    method = name.upper() if isinstance(name, str) else ""
    if method == "CONNECT" or not _TOKEN.fullmatch(method):
        reason = "is not served" if method == "CONNECT" else "is not a method"
        raise RouteError(
            f"router.register: {name!r} {reason}", hint='router.register(["GET", "PURGE"], ...)'
        )
    return method


def callables(where: str, middlewares: Sequence[object]) -> list[Middleware]:
    """Returns the middleware; raises RouteError for one that is not callable (core:RT-4)."""
    checked: list[Middleware] = []
    for middleware in middlewares:
        if not callable(middleware):
            raise RouteError(f"{where}: middleware must be a function, not {middleware!r}")
        checked.append(cast("Middleware", middleware))
    return checked
