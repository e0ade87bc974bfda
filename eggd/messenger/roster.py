"""The suite's members as the agent knows them, and when the suite counts as ready. Pure values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

STATES = ("starting", "ready", "failed", "leaving", "left")


@dataclass(frozen=True, slots=True)
class Member:
    """One worker's last word: `since` is the Unix time of its state, `figures` are its own."""

    slot: int
    pid: int
    state: str
    since: float
    figures: Mapping[str, object] = field(default_factory=dict)


class Roster:
    """One member per slot; those that left stay, so that a status can say since when."""

    def __init__(self) -> None:
        self._members: dict[int, Member] = {}

    def members(self) -> list[Member]:
        """Returns all of them by slot."""
        return [self._members[slot] for slot in sorted(self._members)]

    def ready(self) -> list[Member]:
        """Returns those that serve."""
        return [member for member in self.members() if member.state == "ready"]

    def is_ready(self, slot: int) -> bool:
        """Tells whether the member of this slot serves."""
        member = self._members.get(slot)
        return member is not None and member.state == "ready"

    def slot(self, pid: int) -> int | None:
        """Returns the slot of a member that has this pid and has not left."""
        for member in self._members.values():
            if member.pid == pid and member.state != "left":
                return member.slot
        return None

    def put(self, member: Member) -> Member | None:
        """Takes a member's word and returns its former one; the same state keeps its `since`."""
        before = self._members.get(member.slot)
        if before and (before.pid, before.state) == (member.pid, member.state):
            member = Member(member.slot, member.pid, member.state, before.since, member.figures)
        self._members[member.slot] = member
        return before

    def leave(self, slot: int, pid: int, now: float) -> bool:
        """Notes that a process is gone; a failed boot stays `failed`. False if that is no news."""
        before = self._members.get(slot)
        if before is None or before.pid != pid or before.state in ("failed", "left"):
            return False
        self._members[slot] = Member(slot, pid, "left", now, before.figures)
        return True


def suite_ready(members: Iterable[Member], enabled: Iterable[int]) -> bool:
    """Tells whether one worker at least serves, and nobody who should is still on its way."""
    states = {member.slot: member.state for member in members}
    if "ready" not in states.values() or "starting" in states.values():
        return False
    return all(slot in states for slot in enabled)
