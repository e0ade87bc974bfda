"""The section `ratelimit` of the config."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from eggd import Between, ConfigError, Seconds
from eggd.plugins.ratelimit.gcra import MOST


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitOptions:
    """One limit of requests."""

    limit: Annotated[int, Between(1, MOST)] = 0
    """Requests that one client may send at once, 1 to 1,000,000 (required); as many become free
    again, evenly spread, in each `window`."""
    window: Annotated[Seconds, Between(0.001, 86_400)] = 0.0
    """Seconds, a millisecond to one day (required)."""
    name: str = ""
    """The name in the fields RateLimit and RateLimit-Policy; letters, digits, `-`, `_`, `.`, `:`.
    Two limits of one name share their counts. Default: `limit-1` for the first, and so on."""
    by: object = "ip"
    """The requests that count together: "ip" (of an address; for IPv6 of a /64 network), "all",
    or a function of ctx that returns text; None: the request does not count."""
    match: object = None
    """Only requests of these paths count: text, a regex, a function of ctx, or a list."""
    ignore: object = None
    """Requests of these paths do not count; not together with `match`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitConfig:
    """Limits of requests, and the place where they are counted."""

    limits: Sequence[LimitOptions] = ()
    """The limits of all requests; those of single routes are made by `app.rate_limit`."""
    store: Literal["local", "redis"] = "local"
    """The place of the counts: "local" for the workers of one host, "redis" for several hosts."""
    redis: str = "ratelimit"
    """The client of the plugin redis with which the store "redis" works."""
    when_down: Literal["open", "closed"] = "open"
    """While Redis does not answer, requests are served ("open"), or refused with 503 ("closed")."""
    keys: Annotated[int, Between(1024, 1 << 24)] = 65_536
    """Keys that the store "local" holds, 1024 to 16,777,216; each takes 24 bytes of memory. A
    further key replaces one that has used up least."""

    def __post_init__(self) -> None:
        """Refuses a limit without requests or time."""
        for number, each in enumerate(self.limits):
            check(f"ratelimit.limits[{number}].", each.limit, each.window)


def check(where: str, limit: int, window: float) -> None:
    """Raises ConfigError for a limit that cannot be counted."""
    if not 1 <= limit <= MOST:
        raise ConfigError(f"{where}limit must be 1 to {MOST}, not {limit!r}")
    if not 0 < window <= 86_400:
        raise ConfigError(f"{where}window must be above 0 and at most a day, not {window:g} s")
