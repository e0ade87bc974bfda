"""Routes that no request can ever reach, found when the app starts."""

from __future__ import annotations

from collections.abc import Sequence

from eggd.app.routes import Route, RouteIndex

_ANY = "\x00"
"""Stands for whatever a parameter may be: only another parameter matches it, or all of it."""


def conflicts(routes: Sequence[Route], index: RouteIndex) -> list[str]:
    """Return a line per route that earlier ones hide for every path and method, naming both.

    Never wrong, but a route with a rule of its own is not judged.
    """
    return [
        f"route {_told(route)} is never reached: {_told(first)} matches before it"
        for route in routes
        if route.pattern.plain and (first := _hiding(route, index)) is not None
    ]


def _hiding(route: Route, index: RouteIndex) -> Route | None:
    """Return the first route that hides another from all its methods, or None."""
    sample = "/".join(
        _ANY if part.startswith(":") else part for part in route.pattern.path.split("/")
    )
    found = [_before(route, index, method, sample) for method in route.methods]
    return found[0] if all(found) else None


def _before(route: Route, index: RouteIndex, method: str, sample: str) -> Route | None:
    matched = index.match(method, sample)
    if matched is None or matched[0] is route:
        return None
    if _hides(matched[0], route):
        return matched[0]
    every = (each for each, _ in index.matches(method, sample) if each.order < route.order)
    return next((each for each in every if _hides(each, route)), None)


def _hides(first: Route, route: Route) -> bool:
    return not first.passes and (first.pattern.plain or route.pattern.literal)


def _told(route: Route) -> str:
    name = f" ({route.name})" if route.name else ""
    return f"{','.join(route.methods)} {route.pattern.path}{name}"
