"""Finds what was registered for a path, or for one above it, in time that does not depend on size.

A path is compared by its components: `/a/b` is not above `/a/bc` (process:WAT-6).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Set
from typing import Generic, TypeVar

from eggd import FileChange

T = TypeVar("T", bound=Hashable)


class PathTable(Generic[T]):
    """Items by absolute path, each once per path, in the order of adding."""

    def __init__(self) -> None:
        self._items: dict[str, dict[T, None]] = {}

    @property
    def paths(self) -> Set[str]:
        """The paths that have items."""
        return self._items.keys()

    def add(self, path: str, item: T) -> bool:
        """Adds an item; returns whether it is the first one of its path."""
        items = self._items.setdefault(path, {})
        items[item] = None
        return len(items) == 1

    def remove(self, path: str, item: T | None = None) -> bool:
        """Removes an item of a path, or all; returns whether that was the last one."""
        items = self._items.get(path)
        if items is None:
            return False
        if item is None:
            items.clear()
        items.pop(item, None)  # type: ignore[arg-type]
        if not items:
            del self._items[path]
        return not items

    def matching(self, change: FileChange) -> list[T]:
        """Returns the items that get a change, each once."""
        paths = self._fuzzy(change.path) if change.event == "fuzzy" else _upward(change.path)
        matches = (self._items[path] for path in paths if path in self._items)
        return list(dict.fromkeys(item for items in matches for item in items))

    def _fuzzy(self, path: str) -> Iterator[str]:
        """Yields the registered paths at and below a path (process:WAT-7)."""
        below = path.rstrip("/") + "/"
        return (each for each in self._items if each == path or each.startswith(below))


def _upward(path: str) -> Iterator[str]:
    """Yields a path and all above it, but not the root directory."""
    while path:
        yield path
        path = path.rpartition("/")[0]
