"""Prepares a worker: `fast_ready`, and the middleware of the page `/__loader_trace__`."""

from __future__ import annotations

import sys

from eggd import Boot


class DevelopmentApp(Boot):
    """Sets the app up before its middleware is composed."""

    def config_did_load(self) -> None:
        """Lets the worker serve before its hooks are done, if `fast_ready` is set.

        From now on the warning of a coroutine that is not awaited names the line that made it.
        """
        sys.set_coroutine_origin_tracking_depth(max(1, sys.get_coroutine_origin_tracking_depth()))
        self.app.fast_ready = self.config.development.fast_ready
        self.config.core_middleware.append("loader_trace")
