"""Stores, which keep sessions instead of the cookie; that then holds only their id.

memory.py   in one process, for tests
sqlite.py   in a file that all workers of a host share
redis.py    on a Redis or Valkey server
opening.py  from the config to the store that it names
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from eggd import EggError


class StoreDownError(EggError):
    """Raised by a store that cannot be reached; the answer is 503.

    Each request is an error in the log, unless the store has set `is_reported`.
    """

    is_reported = False
    """Whether the store has reported the outage itself: one line for all requests."""

    @classmethod
    def reported(cls, text: str) -> StoreDownError:
        """Returns the error of an outage that the store has reported."""
        error = cls(text)
        error.is_reported = True
        return error


class SessionStore(Protocol):
    """The interface of `app.session_store` (process:SES-20); an entry is a dict that JSON can hold.

    Of two requests that change the same session at once, the later answer wins.
    """

    async def get(self, key: str) -> Mapping[str, object] | None:
        """Returns the entry of an id, None if it does not exist or has expired."""

    async def set(self, key: str, entry: dict[str, object], max_age: float | None) -> None:
        """Keeps an entry for `max_age` seconds; None: a session of the browser's own, whose end
        the server never learns (eggd's stores keep it for a day after its last change)."""

    async def destroy(self, key: str) -> None:
        """Removes an entry, if it exists."""


MakeStore = Callable[..., SessionStore]
"""A class of stores: called with app, or with ctx if it is `config.session.context_store`."""

ONE_DAY = 86_400.0
"""Seconds that an entry without a lifetime is kept."""
