"""The workers as the agent knows them, and when the suite counts as ready. Pure values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

STATES = ("starting", "ready", "failed", "leaving", "left")


@dataclass(frozen=True, slots=True)
class Member:
    """The last announcement of a worker; `since` is the Unix time of its state."""

    slot: int
    pid: int
    state: str
    since: float
    figures: Mapping[str, object] = field(default_factory=dict)


class MemberTable:
    """One member per slot; those that left stay, so that a status can show since when."""

    def __init__(self) -> None:
        self._members: dict[int, Member] = {}

    def members(self) -> list[Member]:
        """Returns all members by slot."""
        return [self._members[slot] for slot in sorted(self._members)]

    def ready(self) -> list[Member]:
        """Returns the members that serve."""
        return [member for member in self.members() if member.state == "ready"]

    def is_ready(self, slot: int) -> bool:
        """Returns whether the member of this slot serves."""
        member = self._members.get(slot)
        return member is not None and member.state == "ready"

    def slot(self, pid: int) -> int | None:
        """Returns the slot of a member that has this pid and has not left."""
        for member in self._members.values():
            if member.pid == pid and member.state != "left":
                return member.slot
        return None

    def put(self, member: Member) -> Member | None:
        """Records a member and returns its former record; the same state keeps its `since`."""
        before = self._members.get(member.slot)
        if before and (before.pid, before.state) == (member.pid, member.state):
            member = Member(member.slot, member.pid, member.state, before.since, member.figures)
        self._members[member.slot] = member
        return before

    def leave(self, slot: int, pid: int, now: float) -> bool:
        """Notes the end of a process; False if it was known. A failed boot stays `failed`."""
        before = self._members.get(slot)
        if before is None or before.pid != pid or before.state in ("failed", "left"):
            return False
        self._members[slot] = Member(slot, pid, "left", now, before.figures)
        return True


def suite_ready(members: Iterable[Member], enabled: Iterable[int]) -> bool:
    """Returns whether at least one worker serves and no enabled one is missing or starting."""
    states = {member.slot: member.state for member in members}
    if "ready" not in states.values() or "starting" in states.values():
        return False
    return all(slot in states for slot in enabled)
