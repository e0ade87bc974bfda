"""Sessions in the memory of one process: for tests, and for one worker that may forget."""

from __future__ import annotations

import json
from time import monotonic

from eggd.plugins.session.codec import dump
from eggd.plugins.session.stores import ONE_DAY

MOST = 10_000
"""Sessions kept; a further one drops the one that was saved the longest time ago."""


class MemoryStore:
    """A store that ends with its process; other workers do not see its sessions."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[float, str]] = {}
        """By id, in the order of their last save: when it expires, and its JSON."""

    async def get(self, key: str) -> dict[str, object] | None:
        """Returns a copy of the entry, None if it does not exist or has expired."""
        expires, text = self._entries.get(key, (0.0, ""))
        if expires < monotonic():
            self._entries.pop(key, None)
            return None
        entry: dict[str, object] = json.loads(text)
        return entry

    async def set(self, key: str, entry: dict[str, object], max_age: float | None) -> None:
        """Keeps a copy of the entry."""
        self._entries.pop(key, None)
        self._entries[key] = (monotonic() + (max_age or ONE_DAY), dump(entry))
        if len(self._entries) > MOST:
            del self._entries[next(iter(self._entries))]

    async def destroy(self, key: str) -> None:
        """Removes the entry."""
        self._entries.pop(key, None)
