"""The targets and statuses of `router.redirect`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from eggd.app.routing.interfaces import RouteContext
from eggd.app.routing.path import with_query
from eggd.app.routing.route import Route
from eggd.errors import RouteError

_LOCATION = ("/", "http://", "https://")
"""The beginnings of targets that are not names of routes."""
_STATUSES = (301, 302, 303, 307, 308)
"""The statuses with which clients follow Location."""
_USE = "use 301, 302, 303, 307 or 308"


def is_name(target: str) -> bool:
    """Returns whether a target is the name of a route: neither a path nor an http(s) URL."""
    return not target.startswith(_LOCATION)


def check_status(status: object) -> None:
    """Raises RouteError for a status with which no client follows Location (RFC 9110 15.4)."""
    if type(status) is not int and not isinstance(status, HTTPStatus):
        raise RouteError(f"redirect: status must be a number, not {status!r}", hint=_USE)
    if status not in _STATUSES:
        raise RouteError(f"redirect: {status:d} is not a redirect status", hint=_USE)


def redirecting(
    target: str, status: int, routes: Mapping[str, Route]
) -> Callable[[RouteContext], None]:
    """Returns a handler that redirects to a target; `routes` are those with a name."""

    def handler(ctx: RouteContext) -> None:
        ctx.status = status
        ctx.redirect(_location(target, ctx.params, routes))

    handler.source = f"redirect {target}"  # type: ignore[attr-defined]
    return handler


def _location(target: str, params: Mapping[str, str], routes: Mapping[str, Route]) -> str:
    """Returns the location; a route gets the parameters of the request that it has, too."""
    if not is_name(target):
        return target
    if (route := routes.get(target)) is None:
        raise RouteError(f"redirect: no route is called {target!r}")
    own: dict[str, object] = {name: params[name] for name in route.pattern.names if name in params}
    return with_query(*route.pattern.url(own))
