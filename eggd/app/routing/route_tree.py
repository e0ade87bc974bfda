"""Trees of path segments: find the routes with parameters on the branches that a path follows.

`ParameterTree.match` is the hot path. It cuts the parameters out of the path while it walks, as
each of them is a whole segment: no regular expression runs, and branches are listed only where a
literal and a parameter compete for the same segment. A path whose last segment is its only
parameter (`/users/:id`) is not walked again: what is before it is looked up. `/api/users/4711`
takes 3,100 instructions by this lookup, 7,200 by the walk, and took 20,700 by lists of candidates
and a regular expression (docs/performance.md).
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
class Branch:
    """The `walkable` routes that begin with the same segments."""

    literals: dict[str, Branch] = field(default_factory=dict)
    """The branches by the text of the next segment."""
    wild: Branch | None = None
    """The branch of a parameter: every segment that is not empty."""
    ends: list[Route] = field(default_factory=list)
    """The routes that end here."""
    first: dict[str, Route] = field(default_factory=dict)
    """The first of them for each method."""


class ParameterTree:
    """The `walkable` routes."""

    __slots__ = ("_last", "_root")

    def __init__(self) -> None:
        self._root = Branch()
        # The routes by method whose only parameter is the last segment, by the text before it, once
        # a walk has found that no other branch leads there. Fewer entries than branches.
        self._last: dict[str, dict[str, Route]] = {}

    def add(self, route: Route) -> None:
        """Adds a route, behind those that were registered before it."""
        self._last.clear()
        branch = self._root
        for segment in route.pattern.segments:
            if segment.startswith(":"):
                branch.wild = branch.wild or Branch()
                branch = branch.wild
            else:
                branch = branch.literals.setdefault(segment, Branch())
        branch.ends.append(route)
        for method in route.methods:
            branch.first.setdefault(method, route)

    def match(self, method: str, path: str) -> Match | None:
        """Returns the match that was registered first and its decoded parameters, or None."""
        before, _, last = path.rpartition("/")
        first = self._last.get(before)
        if first is None or not last:
            return self._walk(method, path)
        route = first.get(method)
        if route is None:
            return None
        return route, {route.pattern.names[0]: decode(last) if "%" in last else last}

    def candidates(self, path: str) -> list[Route]:
        """Returns, in no order, the routes on the branches of a path; not all of them match."""
        reached = _reach([(self._root, [])], path.strip("/").split("/"))
        return [route for branch, _ in reached for route in branch.ends]

    def _walk(self, method: str, path: str) -> Match | None:
        segments = path.split("/")
        if segments.pop(0):
            return None  # no slash at the beginning
        if segments and not segments[-1]:
            segments.pop()  # a slash at the end does not matter
        values: list[str] = []
        branch, wild = self._root, self._root.wild
        for segment in segments:
            literal = branch.literals.get(segment)
            wild = branch.wild
            if wild is None or not segment:
                if literal is None:
                    return None
                branch = literal
            elif literal is None:
                values.append(segment)
                branch = wild
            else:
                return _first_of(method, _reach([(self._root, [])], segments))
        if len(values) == 1 and branch is wild and path[-1] != "/":
            self._last[path.rpartition("/")[0]] = branch.first
        route = branch.first.get(method)
        return None if route is None else (route, _params(route, values))


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


_Branches = list[tuple[Branch, list[str]]]
"""Branches, each with the values of the parameters that lead to it."""


def _reach(branches: _Branches, segments: list[str]) -> _Branches:
    """Returns the branches that the segments lead to from these."""
    for segment in segments:
        below: _Branches = []
        for branch, values in branches:
            literal = branch.literals.get(segment)
            if literal is not None:
                below.append((literal, values))
            if branch.wild is not None and segment:
                below.append((branch.wild, [*values, segment]))
        branches = below
        if not branches:
            break
    return branches


def _first_of(method: str, branches: _Branches) -> Match | None:
    ends = [(branch.first[method], values) for branch, values in branches if method in branch.first]
    if not ends:
        return None
    route, values = min(ends, key=lambda end: end[0].order)
    return route, _params(route, values)


def _params(route: Route, values: list[str]) -> dict[str, str]:
    return dict(zip(route.pattern.names, map(decode, values), strict=True))
