"""`app.rate_limit`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import eggd
from eggd import ConfigError, Context, Middleware, Next, path_condition, seconds

if TYPE_CHECKING:
    from eggd.plugins.ratelimit.limiter import Limiter
    from eggd.plugins.ratelimit.stores import Store


class Application(eggd.Application):
    """An application whose requests are limited."""

    @cached_property
    def rate_limit_store(self) -> Store:
        """The store of the config; made at first use. Raises ConfigError."""
        from eggd.plugins.ratelimit.opening import open_store

        return open_store(self, self.config.ratelimit)

    @cached_property
    def rate_limits(self) -> list[tuple[Callable[[Context], bool] | None, Limiter]]:
        """The limits of the config, each with the condition of its requests.

        Raises ConfigError for a wrong one.
        """
        limits = []
        for number, each in enumerate(self.config.ratelimit.limits):
            where = f"ratelimit.limits[{number}]"
            name = each.name or f"limit-{number + 1}"
            limiter = self.rate_limiter(each.limit, each.window, name=name, by=each.by, where=where)
            limits.append((path_condition(each.match, each.ignore, where), limiter))
        return limits

    @cached_property
    def rate_limit_names(self) -> dict[str, tuple[int, float, str]]:
        """By the name of a limit: its requests, its seconds, and the place of the first one."""
        return {}

    def rate_limit(
        self, limit: int, window: float | str, *, name: str, by: object = "ip"
    ) -> Middleware:
        """Returns the middleware of a route that lets `limit` requests pass in each `window`.

        The arguments are those of an entry of `ratelimit.limits`; routes with limits of one name
        share their counts. Raises ConfigError for a wrong one.
        """
        limiter = self.rate_limiter(limit, window, name=name, by=by, where=f"rate_limit {name!r}")

        admit = limiter.admit()

        async def rate_limit(ctx: Context, next: Next) -> None:
            if (waiting := admit(ctx)) is not None:
                await waiting
            await next()

        return rate_limit

    def rate_limiter(
        self, limit: int, window: float | str, *, name: str, by: object, where: str
    ) -> Limiter:
        """Returns a limit; `where` names it in the ConfigError for a wrong argument."""
        from eggd.plugins.ratelimit.client_key import key_function
        from eggd.plugins.ratelimit.limiter import Limiter
        from eggd.plugins.ratelimit.section import check

        try:
            time = seconds(window)
        except ValueError as exc:
            raise ConfigError(f"{where}: window must be {exc}, not {window!r}") from exc
        check(f"{where}: ", limit, time)
        first = self.rate_limit_names.setdefault(name, (limit, time, where))
        if first[:2] != (limit, time):
            text = f"{where}: the name {name!r} belongs to {first[2]}, a limit of {first[0]}"
            raise ConfigError(f"{text} in {first[1]:g} s", hint="choose another name")
        return Limiter(
            name=name,
            limit=limit,
            window=time,
            key_of=key_function(by, where),
            store=self.rate_limit_store,
            is_open=self.config.ratelimit.when_down == "open",
        )
