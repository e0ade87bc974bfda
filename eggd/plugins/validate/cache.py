"""Compiled rules, by identity and by the place of the call.

Rules that are written in a handler are another dict in each request. The place of the call leads to
those of the last request; they are compared, so that a change is noticed in either case.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from types import FrameType
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST = 512
"""Compiled rules that are kept; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """Compiled rules, and a copy of the rules as they were."""

    source: object
    """The rules themselves, so that their id is not used again."""
    copied: object
    compiled: T


class Cache(Generic[T]):
    """Bounded compiled rules."""

    def __init__(self) -> None:
        self._entries: dict[Hashable, Entry[T]] = {}

    def get(self, rules: object, frame: FrameType, variant: object) -> T | None:
        """Returns the compiled rules, None if they are new or were changed.

        `frame` is that of the call, `variant` the option they were compiled with.
        """
        entries = self._entries
        entry = entries.get((id(rules), variant))
        if entry is not None and entry.copied == rules:
            return entry.compiled
        entry = entries.get((id(frame.f_code), frame.f_lasti, variant))
        return entry.compiled if entry is not None and entry.copied == rules else None

    def put(self, rules: object, frame: FrameType, variant: object, compiled: T) -> None:
        """Keeps compiled rules."""
        entry = Entry(rules, copied(rules), compiled)
        self._keep((id(rules), variant), entry)
        # Hashing code objects takes longer; the rules are compared if an id is used again.
        self._keep((id(frame.f_code), frame.f_lasti, variant), entry)

    def clear(self) -> None:
        """Forgets everything: a type was added."""
        self._entries.clear()

    def _keep(self, key: Hashable, entry: Entry[T]) -> None:
        self._entries.pop(key, None)
        self._entries[key] = entry
        if len(self._entries) > _MOST:
            del self._entries[next(iter(self._entries))]


def copied(rules: object) -> object:
    """Returns a copy of dicts and lists; other values are the same objects."""
    if isinstance(rules, dict):
        return {key: copied(value) for key, value in rules.items()}
    if type(rules) is list or type(rules) is tuple:
        return type(rules)(copied(value) for value in rules)
    return rules
