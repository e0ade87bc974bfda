"""One limit: counts a request, sends the fields of the response, refuses with 429.

The fields are those of draft-ietf-httpapi-ratelimit-headers-10, and Retry-After (RFC 9110).
"""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from eggd import ConfigError, Context, HttpError
from eggd.plugins.ratelimit.client_key import KeyOf, bounded
from eggd.plugins.ratelimit.gcra import rate
from eggd.plugins.ratelimit.stores import (
    LocalStore,
    SharedStore,
    Store,
    StoreDownError,
    is_local,
)

_NAME = re.compile(r"[A-Za-z0-9._:\-]{1,100}")

Admit = Callable[[Context], Awaitable[None] | None]
"""Counts a request; raises HttpError 429 above the limit. A result that is not None is awaited."""


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

    def admit(self) -> Admit:
        """Returns the function that counts a request, made for the store."""
        store = self.store
        if is_local(store):
            return self._local(store)
        return self._shared(cast("SharedStore", store))

    def _local(self, store: LocalStore) -> Admit:
        key_of, count, prefix, tell = self.key_of, store.count, f"{self.name}:", self._teller()
        interval, window = rate(self.limit, self.window, store.ticks)

        def admit(ctx: Context) -> None:
            key = key_of(ctx)
            if key is not None:
                full_in, wait = count(prefix + bounded(key), interval, window)
                tell(ctx, full_in, wait)

        return admit

    def _shared(self, store: SharedStore) -> Admit:
        key_of, prefix, tell = self.key_of, f"{self.name}:", self._teller()
        interval, window = rate(self.limit, self.window, store.ticks)

        async def admit(ctx: Context) -> None:
            key = key_of(ctx)
            if key is None:
                return
            try:
                counted = await store.count_shared(prefix + bounded(key), interval, window)
            except StoreDownError as exc:
                if self.is_open:
                    return
                text = "requests cannot be counted now, try again soon"
                error = HttpError(503, text, expose=True, headers={"Retry-After": "1"})
                error.is_reported = True
                raise error from exc
            tell(ctx, *counted)

        return admit

    def _teller(self) -> Callable[[Context, int, int], None]:
        """Returns the function that sends the fields, and refuses a request that has to wait."""
        name, limit, ticks = f'"{self.name}"', self.limit, self.store.ticks
        interval = rate(limit, self.window, ticks).interval
        policy = f"{name};q={limit};w={math.ceil(self.window)}"

        def tell(ctx: Context, full_in: int, wait: int) -> None:
            append = ctx.response.append
            append("RateLimit-Policy", policy)
            # Rounded up: a part of a request, or of a second, that is used up counts as whole.
            left = 0 if wait else limit + (-full_in // interval)
            append("RateLimit", f"{name};r={left};t={-(-full_in // ticks)}")
            if wait:
                ctx.set("Retry-After", str(-(-wait // ticks)))
                raise HttpError(429)

        return tell
