"""`Route`: one registered path with all that is known about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from eggd.app.routing.path import Pattern
from eggd.interfaces import Handler, Middleware

ParamFunction = Callable[..., object]
"""`function(value, ctx, next)`: runs before handlers of routes with its parameter (RT-16)."""

Chain = Callable[[object], Awaitable[object]]
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
    body_limit: int | None = None
    """Bytes of the body of a request; None: the server's `http.body_limit`."""
    is_bare: bool = False
    """Whether the chain is the handler alone, so that its result is the body."""
