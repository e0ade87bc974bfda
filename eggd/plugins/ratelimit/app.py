"""Switches the limits of the config on."""

from __future__ import annotations

from eggd import Boot, ConfigError


class RateLimitApp(Boot):
    """Opens the store before the first request, and closes it."""

    def config_did_load(self) -> None:
        """Adds the middleware if the config has limits. Raises ConfigError for a wrong one."""
        if not self.config.ratelimit.limits:
            return
        try:
            self.app.rate_limits  # noqa: B018  # makes them
        except ConfigError as exc:
            keys = exc.keys or ["ratelimit.limits"]
            raise ConfigError(exc.message, hint=exc.hint, keys=keys) from exc
        self.config.core_middleware.append("ratelimit")

    async def did_load(self) -> None:
        """Opens the store. Raises EggError."""
        self.app.rate_limit_store.open()

    async def before_close(self) -> None:
        """Closes the store."""
        self.app.rate_limit_store.close()
