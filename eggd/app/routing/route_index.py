"""The index of routes: a lookup costs the same with ten routes or ten thousand.

A literal path is one dictionary look-up, even if routes with parameters might match it, too: what
matches it is looked for once. Other paths are found by trees of path segments (`route_tree`): one
walk for routes whose parameters are whole segments, a short list of candidates for other patterns.
Of all routes that match, the one registered first is returned; `after` returns the next one when
its handler calls `next` (core:RT-8).
"""

from __future__ import annotations

from collections.abc import Sequence

from eggd.app.routing.route import Match, Route
from eggd.app.routing.route_tree import ParameterTree, PrefixTree, walkable

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class RouteIndex:
    """Finds the route of a method and a raw path; see the module's docstring for its cost."""

    __slots__ = (
        *("_first", "_later", "_literal", "_parameters", "_prefixes", "_starts"),
        *("folders", "methods", "placed"),
    )

    def __init__(self) -> None:
        self.methods: dict[str, None] = dict.fromkeys(METHODS)
        self.placed: list[Route] = []
        self.folders: list[Route] = []
        """The routes of `place_folder`, the longest prefix first."""
        # Their prefixes.
        self._starts: tuple[str, ...] = ()
        self.rebuild([])

    def rebuild(self, routes: Sequence[Route]) -> None:
        """Replaces all routes."""
        self._literal: dict[tuple[str, str], Route] = {}
        self._later: dict[tuple[str, str], list[Route]] = {}
        # The match of each literal path that was asked for; as many as there are literal routes.
        self._first: dict[tuple[str, str], Match] = {}
        self._parameters: ParameterTree | None = None
        self._prefixes: PrefixTree | None = None
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

    def place_folder(self, route: Route) -> None:
        """Puts a route of all paths that begin with its literal one before all but placed ones."""
        self.folders = sorted([*self.folders, route], key=lambda each: -len(each.pattern.text))
        self._starts = tuple(each.pattern.text for each in self.folders)
        self._first.clear()

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
        if walkable(route.pattern):
            self._parameters = self._parameters or ParameterTree()
            self._parameters.add(route)
        else:
            self._prefixes = self._prefixes or PrefixTree()
            self._prefixes.add(route)

    def match(self, method: str, path: str) -> Match | None:
        """Returns the first route that matches and its decoded parameters, or None."""
        key = (method, path)
        first = self._first.get(key)
        if first is not None:
            route, params = first
            return route, params.copy()
        literal = self._literal.get(key)
        if self._starts and path.startswith(self._starts):
            folder = self._folder(method, path, literal)
            if folder is not None:
                return folder, {}
        match = None if self._parameters is None else self._parameters.match(method, path)
        if literal is None and self._prefixes is None:
            return match
        match = self._first_match(method, path, literal, match)
        if match is None or literal is None:
            return match
        route, params = self._first[key] = match
        return route, params.copy()

    def _folder(self, method: str, path: str, literal: Route | None) -> Route | None:
        """Returns the folder that a path is in, unless a placed route has exactly that path."""
        if literal is not None and literal.order < 0:
            return None
        folders = (each for each in self.folders if path.startswith(each.pattern.text))
        return next((each for each in folders if method in each.methods), None)

    def _first_match(
        self, method: str, path: str, literal: Route | None, match: Match | None
    ) -> Match | None:
        """Returns the first of a literal route, the match of another, and the other matches."""
        if literal is not None and (match is None or literal.order < match[0].order):
            match = (literal, {})
        for route in self._prefixes.candidates(path) if self._prefixes is not None else ():
            if method in route.methods and (match is None or route.order < match[0].order):
                params = route.pattern.match(path)
                match = match if params is None else (route, params)
        return match

    def matches(self, method: str, path: str) -> list[Match]:
        """Returns every route that matches, in order of registration."""
        key = (method, path)
        first = self._literal.get(key)
        matches: list[Match] = [] if first is None else [(first, {})]
        matches += [(route, {}) for route in self._later.get(key, ())]
        for route in self._candidates(path):
            params = route.pattern.match(path) if method in route.methods else None
            if params is not None:
                matches.append((route, params))
        return sorted(matches, key=lambda match: match[0].order)

    def possible(self, methods: Sequence[str], path: str) -> list[Route]:
        """Returns routes with one of the methods, in no order; those with a rule may not match."""
        literal = [self._literal.get((method, path)) for method in methods]
        return self._candidates(path) + [route for route in literal if route is not None]

    def after(self, method: str, path: str, order: int) -> Match | None:
        """Returns the first match that was registered after `order`, or None; never a folder."""
        matches = self.matches(method, path)
        return next((match for match in matches if match[0].order > order), None)

    def allowed(self, path: str) -> list[str]:
        """Returns the methods that have a route for a path, folders aside (core:RT-10)."""
        if not (self._starts and path.startswith(self._starts)):
            return [method for method in self.methods if self.match(method, path) is not None]
        return [method for method in self.methods if self.after(method, path, -2) is not None]

    def _candidates(self, path: str) -> list[Route]:
        """Returns, in no order, all routes with parameters that may match a path."""
        trees = (self._parameters, self._prefixes)
        return [route for tree in trees if tree is not None for route in tree.candidates(path)]
