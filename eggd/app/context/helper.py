"""`Helper`: small functions for views and controllers, one object per context (core:HLP-1).

Load units extend it in `app/extend/helper.py`. It has `self.ctx`, `app`, `config`, `service` and
`logger`, as a service has.
"""

from __future__ import annotations

from typing import Any

from eggd.app.context.base_context import BaseContextClass
from eggd.errors import EggError


class Helper(BaseContextClass):
    """The base of the class that is composed for an app; `ctx.helper` is its instance."""

    def path_for(self, name: str, params: dict[str, object] | None = None) -> str:
        """Returns the path of the route called `name`; raises EggError without such a route."""
        router: Any = getattr(self.app, "router", None)
        path: str = "" if router is None else router.url(name, params)
        if not path:
            raise EggError(
                f"no route is called {name!r}", hint="router.get(name, path, ...) names one"
            )
        return path

    def url_for(self, name: str, params: dict[str, object] | None = None) -> str:
        """Returns the whole URL of the route called `name`, with the request's own origin."""
        return self.ctx.request.origin + self.path_for(name, params)
