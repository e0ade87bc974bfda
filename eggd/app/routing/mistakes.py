"""Probable mistakes in a router file; the start of an app and `eggd check` report them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from eggd.app.routing.chains import Layer, Table
from eggd.app.routing.route import Route
from eggd.app.routing.route_index import RouteIndex

_UNSENDABLE = re.compile(r"[^\x21-\x7e]+|[?#]")
_ANY = "\x00"
"""A sample value of a parameter: only another parameter matches it."""


def mistakes(table: Table) -> list[str]:
    """Returns a line for each unreachable route, name, layer and parameter function."""
    known = {name for route in table.routes for name in route.pattern.names}
    return [
        *unsendable(table.routes),
        *conflicts(table.routes, table.index),
        *doubled(table.named, table.names),
        *(
            f"redirect to {target!r}: no route has that name"
            for target in table.targets
            if target not in table.names
        ),
        *idle(table.layers, table.routes),
        *(
            f"param {name!r}: no route has such a parameter"
            for name in table.params
            if name not in known
        ),
    ]


def conflicts(routes: Sequence[Route], index: RouteIndex) -> list[str]:
    """Returns a line per route that earlier ones hide for every path and method, naming both.

    Never a false alarm, but routes with rules of their own are not checked.
    """
    return [
        f"route {_text(route)} is never reached: {_text(first)} matches before it"
        for route in routes
        if route.pattern.plain and (first := _hiding(route, index)) is not None
    ]


def unsendable(routes: Sequence[Route]) -> list[str]:
    """Returns a line per route whose path has a character that no request's path has.

    A route is compared with the raw path, which is percent-encoded and has no query (RFC 3986).
    """
    lines = []
    for route in routes:
        text = "".join(each for each in route.pattern.tokens if isinstance(each, str))
        if wrong := _UNSENDABLE.search(text):
            hint = f"write {quote(wrong[0])!r}"
            if wrong[0] in "?#":
                hint = "the query is in ctx.query, and no part of the path"
            lines.append(
                f"route {_text(route)} is never reached: the path of a request has no"
                f" {wrong[0]!r} ({hint})"
            )
    return lines


def idle(layers: Sequence[Layer], routes: Sequence[Route]) -> list[str]:
    """Returns a line per layer of `router.use` that no later route is at or below."""
    return [
        f"use {layer.pattern.path!r} never runs: no route at or below it is registered after it"
        for layer in layers
        if not any(
            route.order > layer.order and layer.certain(route.pattern) is not False
            for route in routes
        )
    ]


def uncovered_mounts(layers: Sequence[Layer], prefixes: Sequence[str]) -> list[str]:
    """Returns a line per mount that a layer of `router.use` seems to cover, but does not."""
    return [
        f"use {layer.pattern.path!r} does not run for the mount {prefix!r}"
        " (give the middleware to app.use, or mount in a namespace)"
        for prefix in prefixes
        for layer in layers
        if layer.pattern.match(prefix or "/") is not None
    ]


def doubled(named: Sequence[Route], names: Mapping[str, Route]) -> list[str]:
    """Returns a line per route whose name another path has already (core:RT-12)."""
    return [
        f"route {_text(route)} has no URL by its name: it is that of {_text(names[route.name])}"
        for route in named
        if names[route.name].pattern.path != route.pattern.path
    ]


def _hiding(route: Route, index: RouteIndex) -> Route | None:
    """Returns the first route that hides another from all its methods, or None."""
    pattern = route.pattern
    sample = pattern.text or "/" if pattern.literal else _sample(pattern.path)
    before = [
        each
        for each in index.possible(route.methods, sample)
        if each.order < route.order and _hides(each, route, sample)
    ]
    if not before:
        return None
    before.sort(key=lambda each: each.order)
    hiding = [
        next((each for each in before if method in each.methods), None) for method in route.methods
    ]
    return hiding[0] if all(hiding) else None


def _sample(path: str) -> str:
    return "/".join(_ANY if part.startswith(":") else part for part in path.split("/"))


def _hides(first: Route, route: Route, sample: str) -> bool:
    """Returns whether one takes the paths of another; no regex is compiled for a plain one."""
    if first.takes_next or first.pattern.plain:
        return not first.takes_next
    return route.pattern.literal and first.pattern.match(sample) is not None


def _text(route: Route) -> str:
    name = f" ({route.name})" if route.name else ""
    return f"{','.join(route.methods)} {route.pattern.path}{name}"
