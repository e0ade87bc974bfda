"""Trees of path segments: find the routes with parameters on the branches that a path follows.

`ParameterTree.match` is the hot path. It cuts the parameters out of the path while it walks, as
each of them is a whole segment: no regular expression runs, and branches are listed only where a
literal and a parameter compete for the same segment.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from eggd.app.routing.path import Pattern, decode
from eggd.app.routing.path_tokens import Parameter
from eggd.app.routing.route import Match, Route


def walkable(pattern: Pattern) -> bool:
    """Returns whether `ParameterTree.match` finds the same paths as the regular expression."""
    tokens = (token.text if isinstance(token, Parameter) else token for token in pattern.tokens)
    wild = sum(segment.startswith(":") for segment in pattern.segments)
    return (
        pattern.plain
        and wild == len(pattern.names)
        and "/" + "/".join(pattern.segments) == "".join(tokens)
    )


@dataclass(slots=True)
class ParameterTree:
    """The `walkable` routes below one branch."""

    literals: dict[str, ParameterTree] = field(default_factory=dict)
    """The branches by the text of the next segment."""
    wild: ParameterTree | None = None
    """The branch of a parameter: every segment that is not empty."""
    ends: list[Route] = field(default_factory=list)
    """The routes that end here."""
    first: dict[str, Route] = field(default_factory=dict)
    """The first of them for each method."""

    def add(self, route: Route) -> None:
        """Adds a route, behind those that were registered before it."""
        tree = self
        for segment in route.pattern.segments:
            if segment.startswith(":"):
                tree.wild = tree.wild or ParameterTree()
                tree = tree.wild
            else:
                tree = tree.literals.setdefault(segment, ParameterTree())
        tree.ends.append(route)
        for method in route.methods:
            tree.first.setdefault(method, route)

    def match(self, method: str, path: str) -> Match | None:
        """Returns the match that was registered first and its decoded parameters, or None."""
        segments = path.split("/")
        if segments.pop(0):
            return None  # no slash at the beginning
        if segments and not segments[-1]:
            segments.pop()  # a slash at the end does not matter
        values: list[str] = []
        tree = self
        for segment in segments:
            literal = tree.literals.get(segment)
            wild = tree.wild
            if wild is None or not segment:
                if literal is None:
                    return None
                tree = literal
            elif literal is None:
                values.append(segment)
                tree = wild
            else:
                return _first_of(method, _reached([(self, [])], segments))
        route = tree.first.get(method)
        return None if route is None else (route, _params(route, values))

    def candidates(self, path: str) -> list[Route]:
        """Returns, in no order, the routes on the branches of a path; not all of them match."""
        reached = _reached([(self, [])], path.strip("/").split("/"))
        return [route for tree, _ in reached for route in tree.ends]


@dataclass(slots=True)
class PrefixTree:
    """All other routes with parameters below one branch: each at the end of its literal prefix."""

    literals: dict[str, PrefixTree] = field(default_factory=dict)
    """The branches by the text of the next segment."""
    ends: list[Route] = field(default_factory=list)
    """The routes whose prefix ends here."""

    def add(self, route: Route) -> None:
        """Adds a route."""
        tree = self
        for segment in () if route.pattern.plain else route.pattern.segments:
            tree = tree.literals.setdefault(segment, PrefixTree())
        tree.ends.append(route)

    def candidates(self, path: str) -> list[Route]:
        """Returns, in no order, the routes whose prefix a path begins with."""
        routes = [*self.ends]
        tree = self
        for segment in path.strip("/").split("/") if self.literals else ():
            below = tree.literals.get(segment)
            if below is None:
                break
            tree = below
            routes += tree.ends
        return routes


_Reached = list[tuple[ParameterTree, list[str]]]
"""Branches, each with the values of the parameters that lead to it."""


def _reached(branches: _Reached, segments: list[str]) -> _Reached:
    """Returns the branches that the segments lead to from these."""
    for segment in segments:
        below: _Reached = []
        for tree, values in branches:
            literal = tree.literals.get(segment)
            if literal is not None:
                below.append((literal, values))
            if tree.wild is not None and segment:
                below.append((tree.wild, [*values, segment]))
        branches = below
        if not branches:
            break
    return branches


def _first_of(method: str, branches: _Reached) -> Match | None:
    ends = [(tree.first[method], values) for tree, values in branches if method in tree.first]
    if not ends:
        return None
    route, values = min(ends, key=lambda end: end[0].order)
    return route, _params(route, values)


def _params(route: Route, values: list[str]) -> dict[str, str]:
    names = route.pattern.names
    if len(values) == 1:  # most often; `zip` costs 3,000 instructions
        value = values[0]
        return {names[0]: decode(value) if "%" in value else value}
    return dict(zip(names, map(decode, values), strict=True))
