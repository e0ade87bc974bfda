"""The members of ctx that describe the matched route (core:RT-7, RT-9, CTX-3)."""

from __future__ import annotations

from eggd.app.context.request_delegates import RequestDelegates
from eggd.app.routing.route import Route
from eggd.app.routing.route_index import RouteIndex
from eggd.app.routing.router import Router


class RouteDelegates(RequestDelegates):
    """Members of `Context` that are known from the first middleware on."""

    route: Route | None = None
    """The matched route."""
    params: dict[str, str]
    """The decoded parameters of the matched path."""
    # The path that a middleware set as `router_path`.
    _matched_path: str | None = None
    # The router that a middleware set.
    _router: Router | None = None

    @property
    def router(self) -> Router | None:
        """The router or namespace of the matched route, else the app's own; assignable (CTX-3).

        None in the agent: it has no router.
        """
        if self._router is not None:
            return self._router
        owner: Router | None = self.route.owner if self.route is not None else None
        return owner or self._app_router

    @router.setter
    def router(self, router: Router) -> None:
        self._router = router

    @property
    def matched_path(self) -> str:
        """The path that routes are matched with: the request's, or the one set as `router_path`."""
        return self.path if self._matched_path is None else self._matched_path

    @property
    def router_name(self) -> str:
        """The name of the matched route, "" if it has no name or no route matched."""
        return self.route.name if self.route is not None else ""

    @property
    def router_path(self) -> str:
        """The pattern of the matched route ("/user/:id"), "" if no route matched.

        A middleware that sets a path before `next()` makes the router match that path instead.
        """
        return self.route.pattern.path if self.route is not None else ""

    @router_path.setter
    def router_path(self, path: str) -> None:
        self._matched_path = path
        match = self._index.match(self.exchange.method, path)
        self.route, self.params = match if match is not None else (None, {})

    @property
    def _app_router(self) -> Router | None:
        """The app's own router; the agent has no router."""
        return getattr(self.app, "router", None)

    @property
    def _index(self) -> RouteIndex:
        router = self._app_router
        return RouteIndex() if router is None else router.index

    @property
    def captures(self) -> list[str | None]:
        """The groups of the matched route, undecoded; None for an unused one (core:RT-7)."""
        match = self.route.pattern.find(self.matched_path) if self.route is not None else None
        return list(match.groups()) if match is not None else []

    @property
    def matched(self) -> list[Route]:
        """Every route whose path matches, whatever its methods, in order of registration."""
        index = self._index
        routes = {
            route.order: route
            for method in index.methods
            for route, _ in index.matches(method, self.matched_path)
        }
        return [routes[order] for order in sorted(routes)]
