"""The interface of the stores."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from eggd import EggError


class StoreDownError(EggError):
    """Raised by a store that does not answer; the plugin redis logs the outage."""


class Counted(NamedTuple):
    """The result of counting one request."""

    is_allowed: bool
    full_in: float
    """Seconds until the key has its whole quota again."""
    wait: float
    """Seconds until a refused request would be allowed; 0 for an allowed one."""


class Store(Protocol):
    """Counts the requests of keys; several processes may use one."""

    def open(self) -> None:
        """Prepares, before the first request. Raises EggError."""

    async def count(self, key: str, limit: int, window: float) -> Counted:
        """Counts one request of a key. Raises StoreDownError."""
        ...

    def close(self) -> None:
        """Gives back what the store has opened."""
