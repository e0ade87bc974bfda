"""The index of routes: a lookup costs the same with ten routes or ten thousand.

A literal path is one dictionary look-up, even if routes with parameters might match it, too: what
matches it is looked for once. Other paths hang on a tree of path segments: whole-segment
parameters are its wild branches, other patterns are in a short list at their literal prefix. Of all
routes that match, the one registered first is returned; `after` returns the next one when its
handler calls `next` (core:RT-8).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from eggd.app.routing.path import Pattern
from eggd.interfaces import Handler, Middleware

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

ParamFunction = Callable[..., object]
"""`function(value, ctx, next)`: runs before handlers of routes with its parameter (RT-16)."""

Chain = Callable[[Any], Awaitable[object]]
"""A route's compiled chain: takes ctx."""

Match = tuple["Route", dict[str, str]]
"""A route and its decoded parameters."""


@dataclass(slots=True, eq=False)
class Route:
    """One registered path."""

    methods: tuple[str, ...]
    pattern: Pattern
    name: str
    order: int
    """Its place in the order of registration; negative for a file of the site."""
    handler: Handler
    takes_next: bool = False
    """Whether the handler takes `next`, so that later routes may run after it."""
    stack: tuple[str, ...] = ()
    """The source of each function: the route's own middleware, then the handler."""
    middlewares: Sequence[Middleware] = ()
    """The route's own middleware, its namespace's first."""
    owner: Any = None
    """The router or namespace that it was registered with."""
    kind: str = "route"
    """`route`, `websocket` or `file`: a file of the site."""
    chain: Chain | None = None
    """All that runs for it; None until its first request."""
    is_bare: bool = False
    """Whether the chain is the handler alone, so that its result is the body."""


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    wild: _Node | None = None
    ends: list[Route] = field(default_factory=list)
    fancy: list[Route] = field(default_factory=list)


class RouteIndex:
    """Finds the route of a method and a raw path; see the module's docstring for its cost."""

    __slots__ = ("_dynamic", "_first", "_later", "_literal", "_root", "methods", "placed")

    def __init__(self) -> None:
        self.methods: dict[str, None] = dict.fromkeys(METHODS)
        self.placed: list[Route] = []
        self.rebuild([])

    def rebuild(self, routes: Sequence[Route]) -> None:
        """Replaces all routes."""
        self._literal: dict[tuple[str, str], Route] = {}
        self._later: dict[tuple[str, str], list[Route]] = {}
        # The match of each literal path that was asked for; as many as there are literal routes.
        self._first: dict[tuple[str, str], Match] = {}
        self._root = _Node()
        self._dynamic = False
        for route in routes:
            self.add(route)
        self.place(self.placed)

    def place(self, routes: Sequence[Route]) -> None:
        """Puts routes of exact paths before all routes but those of the same exact path."""
        self.placed = list(routes)
        self._first.clear()
        for route in routes:
            for method in route.methods:
                self._literal.setdefault((method, route.pattern.text), route)

    def add(self, route: Route) -> None:
        """Adds a route; of two that match the same request the one added first is returned."""
        self.methods.update(dict.fromkeys(route.methods))
        self._first.clear()
        if route.pattern.literal:
            path = route.pattern.text
            for method in route.methods:
                for key in {(method, path or "/"), (method, path + "/")}:
                    if key in self._literal and self._literal[key].order >= 0:
                        self._later.setdefault(key, []).append(route)
                    else:
                        self._literal[key] = route
            return
        self._dynamic = True
        node = self._root
        for segment in route.pattern.segments:
            node = _descend(node, segment)
        (node.ends if route.pattern.plain else node.fancy).append(route)

    def match(self, method: str, path: str) -> Match | None:
        """Returns the first route that matches and its decoded parameters, or None."""
        first = self._first.get((method, path))
        if first is not None:
            route, params = first
            return route, params.copy()
        literal = self._literal.get((method, path))
        match = self._match_any(method, path, literal) if self._dynamic else None
        if literal is None:
            return match
        route, params = self._first[method, path] = match or (literal, {})
        return route, params.copy()

    def _match_any(self, method: str, path: str, literal: Route | None) -> Match | None:
        best, params = literal, {}
        for route in _candidates(self._root, path):
            if method not in route.methods or (best is not None and route.order > best.order):
                continue
            values = route.pattern.match(path)
            if values is not None:
                best, params = route, values
        return (best, params) if best is not None else None

    def matches(self, method: str, path: str) -> list[Match]:
        """Returns every route that matches, in order of registration."""
        key = (method, path)
        first = self._literal.get(key)
        matches: list[Match] = [] if first is None else [(first, {})]
        matches += [(route, {}) for route in self._later.get(key, ())]
        for route in _candidates(self._root, path):
            params = route.pattern.match(path) if method in route.methods else None
            if params is not None:
                matches.append((route, params))
        return sorted(matches, key=lambda match: match[0].order)

    def possible(self, methods: Sequence[str], path: str) -> list[Route]:
        """Returns routes with one of the methods, in no order; those with a rule may not match."""
        literal = [self._literal.get((method, path)) for method in methods]
        dynamic = _candidates(self._root, path) if self._dynamic else []
        return dynamic + [route for route in literal if route is not None]

    def after(self, method: str, path: str, order: int) -> Match | None:
        """Returns the first match that was registered after `order`, or None."""
        matches = self.matches(method, path)
        return next((match for match in matches if match[0].order > order), None)

    def allowed(self, path: str) -> list[str]:
        """Returns the methods that have a route for a path (core:RT-10)."""
        return [method for method in self.methods if self.match(method, path) is not None]


def _descend(node: _Node, segment: str) -> _Node:
    if segment.startswith(":"):
        node.wild = node.wild or _Node()
        return node.wild
    return node.literals.setdefault(segment, _Node())


def _candidates(root: _Node, path: str) -> list[Route]:
    """Returns, in no order, the routes with a parameter on the branches of the path."""
    routes = [*root.fancy]
    nodes = [root]
    for segment in path.strip("/").split("/"):
        below: list[_Node] = []
        for node in nodes:
            for each in (node.literals.get(segment), node.wild):
                if each is not None:
                    below.append(each)
                    routes += each.fancy
        nodes = below
        if not nodes:
            break
    for node in nodes:
        routes += node.ends
    return routes
