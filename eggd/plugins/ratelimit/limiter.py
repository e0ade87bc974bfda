"""One limit: counts a request, sends the fields of the response, refuses with 429.

The fields are those of draft-ietf-httpapi-ratelimit-headers-10, and Retry-After (RFC 9110).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from eggd import ConfigError, Context, HttpError
from eggd.plugins.ratelimit.client_key import KeyOf
from eggd.plugins.ratelimit.stores import Counted, Store, StoreDownError

_NAME = re.compile(r"[A-Za-z0-9._:\-]{1,100}")
_LONGEST = 512
"""Characters of a key that count: a client may choose it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limiter:
    """One limit of an app."""

    name: str
    limit: int
    window: float
    """Seconds."""
    key_of: KeyOf
    store: Store
    is_open: bool
    """Whether requests are served while the store does not answer."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            hint = "1 to 100 letters, digits, '-', '_', '.' and ':'"
            raise ConfigError(f"rate limit {self.name!r}: the name is not valid", hint=hint)

    async def admit(self, ctx: Context) -> None:
        """Counts a request. Raises HttpError 429 above the limit, 503 without a store."""
        key = self.key_of(ctx)
        if key is None:
            return
        try:
            counted = await self.store.count(
                f"{self.name}:{key[:_LONGEST]}", self.limit, self.window
            )
        except StoreDownError as exc:
            if self.is_open:
                return
            text = "requests cannot be counted now, try again soon"
            raise HttpError(503, text, expose=True, headers={"Retry-After": "1"}) from exc
        self._tell(ctx, counted)

    def _tell(self, ctx: Context, counted: Counted) -> None:
        used = math.ceil(counted.full_in * self.limit / self.window - 1e-6)
        left = max(0, self.limit - used) if counted.is_allowed else 0
        policy = f'"{self.name}";q={self.limit};w={math.ceil(self.window)}'
        ctx.append("RateLimit-Policy", policy)
        ctx.append("RateLimit", f'"{self.name}";r={left};t={math.ceil(counted.full_in)}')
        if not counted.is_allowed:
            ctx.set("Retry-After", str(math.ceil(counted.wait)))
            raise HttpError(429)
