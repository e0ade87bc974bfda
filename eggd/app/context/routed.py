"""What `ctx` says of the route that serves it (core:RT-7, RT-9, CTX-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eggd.app.routing.routes import Route


class Routed:
    """Members of `Context`; known from the first middleware on."""

    __slots__ = ()
    if TYPE_CHECKING:
        app: Any
        params: dict[str, str]
        path: Any
        exchange: Any
        route: Any
        _routed: str
        _router: Any

    @property
    def router(self) -> Any:
        """The router or namespace of the matched route, else the app's own; assignable (CTX-3)."""
        try:
            return self._router
        except AttributeError:
            owner = self.route.owner if self.route is not None else None
            return owner or getattr(self.app, "router", None)

    @router.setter
    def router(self, router: Any) -> None:
        self._router = router

    @property
    def routed_path(self) -> str:
        """The path that was matched: the request's, or the one set as `router_path`."""
        try:
            return self._routed
        except AttributeError:
            path: str = self.path
            return path

    @property
    def router_name(self) -> str:
        """The name of the matched route, "" where it has none or none matched."""
        return self.route.name if self.route is not None else ""

    @property
    def router_path(self) -> str:
        """The pattern of the matched route ("/user/:id"), "" where none matched.

        A middleware that sets a path before `next()` makes the router match that instead.
        """
        return self.route.pattern.path if self.route is not None else ""

    @router_path.setter
    def router_path(self, path: str) -> None:
        self._routed = path  # type: ignore[misc]  # a slot of Context
        found = self.app.router.index.match(self.exchange.method, path)
        self.route = found[0] if found is not None else None
        self.params = found[1] if found is not None else {}  # type: ignore[misc]

    @property
    def captures(self) -> list[str | None]:
        """The groups of the matched route, undecoded, None for one without a part (core:RT-7)."""
        found = self.route.pattern.find(self.routed_path) if self.route is not None else None
        return list(found.groups()) if found is not None else []

    @property
    def matched(self) -> list[Route]:
        """Every route whose path matches, whatever its methods, in order of registration."""
        index = self.app.router.index
        found = {
            route.order: route
            for method in index.methods
            for route, _ in index.matches(method, self.routed_path)
        }
        return [found[order] for order in sorted(found)]
