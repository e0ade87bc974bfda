"""Keeps what was used last, up to a number of entries and of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """Values by key; the least recently used are dropped first (core:ST-2)."""

    def __init__(self, most: int, limit: int) -> None:
        """Keeps up to `most` values, of `limit` bytes in total."""
        self._most = most
        self._limit = limit
        self._values: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self.size = 0
        """The bytes of all values."""

    def __len__(self) -> int:
        return len(self._values)

    def has_room(self, size: int) -> bool:
        """Returns whether a value of `size` bytes can be kept without dropping another one."""
        return len(self._values) < self._most and self.size + size <= self._limit

    def get(self, key: Hashable) -> T | None:
        """Returns a value, which is now the last to be dropped; None without one."""
        entry = self._values.get(key)
        if entry is None:
            return None
        self._values.move_to_end(key)
        return entry[0]

    def put(self, key: Hashable, value: T, size: int) -> None:
        """Keeps a value of `size` bytes, unless it is larger than all may be together."""
        if size > self._limit or not self._most:
            return
        old = self._values.pop(key, None)
        self.size += size - (old[1] if old else 0)
        self._values[key] = (value, size)
        while self.size > self._limit or len(self._values) > self._most:
            _, (_, dropped) = self._values.popitem(last=False)
            self.size -= dropped
