"""The enabled workers against those that serve, as the agent knows both."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from eggd.messenger import Member


class Roster:
    """Which workers serve, and since when each enabled one does not.

    Times are those of a clock that no operator sets (CLOCK_MONOTONIC).
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.enabled: frozenset[int] = frozenset()
        """The slots that the suite should have."""
        self.serving: dict[int, int] = {}
        """Pids of the ready workers by slot; the spare of a reload serves, too."""
        self.missing: dict[int, float] = {}
        """Since when each enabled worker is not ready, by slot."""
        self.states: dict[int, str] = {}
        """The last announced states by slot."""

    def update(self, members: Iterable[Member], enabled: Iterable[int]) -> None:
        """Takes the members and the enabled slots; a missing slot keeps its time."""
        now, members = self._clock(), list(members)
        self.states = {member.slot: member.state for member in members}
        self.enabled = frozenset(enabled)
        self.serving = {member.slot: member.pid for member in members if member.state == "ready"}
        down = sorted(self.enabled - {*self.serving})
        self.missing = {slot: self.missing.get(slot, now) for slot in down}

    def absent(self, slot: int) -> float:
        """Returns the seconds for which an enabled worker is missing; 0 if it serves."""
        since = self.missing.get(slot)
        return 0.0 if since is None else self._clock() - since

    def now(self) -> float:
        """Returns the time of the roster's clock."""
        return self._clock()
