"""`RouteContext`: a request's context, as routing sees it.

`Context` implements it. Its folder imports this one, so this one cannot import it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from eggd.app.routing.route import Route
from eggd.http import Exchange
from eggd.log import Logger


class RouteContext(Protocol):
    """The members of a context that chains, mounts and WebSocket routes use."""

    app: Any
    exchange: Exchange
    response: Any
    route: Route | None
    params: dict[str, str]
    status: int
    body: Any

    @property
    def method(self) -> str:
        """The request's method."""
        ...

    @property
    def matched_path(self) -> str:
        """The path that routes are matched with."""
        ...

    @property
    def host(self) -> str:
        """The request's host."""
        ...

    @property
    def ip(self) -> str:
        """The client's address."""
        ...

    @property
    def protocol(self) -> str:
        """`http` or `https`."""
        ...

    @property
    def logger(self) -> Logger:
        """The context's logger."""
        ...

    def get(self, name: str) -> str:
        """Returns a request field's value, "" if it is absent."""
        ...

    def set(self, name: str | Mapping[str, object], value: object = "") -> None:
        """Sets a response field."""

    def redirect(self, url: str) -> None:
        """Redirects to a URL."""
