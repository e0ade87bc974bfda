"""A worker of env local: ready at once where asked, and the picture of the start."""

from __future__ import annotations

from eggd import Boot


class DevelopmentApp(Boot):
    """Sets the app up before its middleware is composed."""

    def config_did_load(self) -> None:
        """Lets the worker serve before its hooks are done, where asked (core:DEV-5)."""
        self.app.fast_ready = self.config.development.fast_ready
        self.config.core_middleware.append("loader_trace")
