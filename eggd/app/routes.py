"""The index of routes: a lookup costs the same with ten routes or ten thousand.

A literal path is one dictionary look-up. The others hang on a tree of path segments: whole-segment
parameters are its wild branches, anything fancier sits in a short list at its literal prefix. Of
all that match, the one registered first wins (core:RT-8).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from eggd.app.path import Pattern
from eggd.interfaces import Step


@dataclass(slots=True)
class Route:
    """One registered path with its compiled chain; `order` is the order of registration."""

    methods: tuple[str, ...]
    pattern: Pattern
    name: str
    source: str
    order: int
    chain: Step
    stack: tuple[str, ...] = ()
    """Where each function of the chain is from: the route's own middleware, then the handler."""


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    wild: _Node | None = None
    ends: list[Route] = field(default_factory=list)
    fancy: list[Route] = field(default_factory=list)


class RouteIndex:
    """Finds the route of a method and a raw path; see the module's docstring for its cost."""

    __slots__ = ("_dynamic", "_literal", "_root")

    def __init__(self) -> None:
        self._literal: dict[tuple[str, str], Route] = {}
        self._root = _Node()
        self._dynamic = False

    def add(self, route: Route) -> None:
        """Add a route; of two that match the same request the one added first wins."""
        if route.pattern.literal:
            path = route.pattern.path.rstrip("/")
            for method in route.methods:
                self._literal.setdefault((method, path or "/"), route)
                self._literal.setdefault((method, path + "/"), route)
            return
        self._dynamic = True
        node = self._root
        segments = route.pattern.path.strip("/").split("/")
        for segment in segments if route.pattern.plain else route.pattern.prefix:
            node = _descend(node, segment)
        (node.ends if route.pattern.plain else node.fancy).append(route)

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route and its decoded parameters, or None."""
        literal = self._literal.get((method, path))
        if not self._dynamic:
            return (literal, {}) if literal is not None else None
        return self._match_any(method, path, literal)

    def _match_any(
        self, method: str, path: str, literal: Route | None
    ) -> tuple[Route, dict[str, str]] | None:
        best, params = literal, {}
        segments = path.strip("/").split("/")
        for route in _candidates(self._root, segments, 0):
            if method not in route.methods or (best is not None and route.order > best.order):
                continue
            found = route.pattern.match(path)
            if found is not None:
                best, params = route, found
        return (best, params) if best is not None else None


def _descend(node: _Node, segment: str) -> _Node:
    if segment.startswith(":"):
        node.wild = node.wild or _Node()
        return node.wild
    return node.literals.setdefault(segment, _Node())


def _candidates(node: _Node, segments: list[str], depth: int) -> Iterator[Route]:
    yield from node.fancy
    if depth == len(segments):
        yield from node.ends
        return
    literal = node.literals.get(segments[depth])
    if literal is not None:
        yield from _candidates(literal, segments, depth + 1)
    if node.wild is not None:
        yield from _candidates(node.wild, segments, depth + 1)
