"""The interface of the stores: one counts at once, the other waits for a server."""

from __future__ import annotations

from typing import Protocol, TypeGuard

from eggd import EggError

Counted = tuple[int, int]
"""The result of counting one request, in ticks of the store: until the key has its whole quota
again, and until a refused request would be allowed (0 for an allowed one)."""


class StoreDownError(EggError):
    """Raised by a store that cannot count; the outage is in the log."""


class LocalStore(Protocol):
    """Counts the requests of keys; the processes of one host may use one."""

    @property
    def ticks(self) -> int:
        """Ticks of its clock in a second."""
        ...

    def open(self) -> None:
        """Prepares, before the first request. Raises EggError."""

    def count(self, key: str, interval: int, window: int) -> Counted:
        """Counts one request of a key at a rate (`gcra.py`), without waiting."""
        ...

    def close(self) -> None:
        """Gives back what the store has opened."""


class SharedStore(Protocol):
    """Counts the requests of keys for several hosts."""

    @property
    def ticks(self) -> int:
        """Ticks of its clock in a second."""
        ...

    def open(self) -> None:
        """Prepares, before the first request. Raises EggError."""

    async def count_shared(self, key: str, interval: int, window: int) -> Counted:
        """Counts one request of a key at a rate. Raises StoreDownError."""
        ...

    def close(self) -> None:
        """Gives back what the store has opened."""


Store = LocalStore | SharedStore


def is_local(store: Store) -> TypeGuard[LocalStore]:
    """Returns whether a store counts without waiting."""
    return hasattr(store, "count")
