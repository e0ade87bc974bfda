"""The restarts of the workers, as they announce them to the agent."""

from __future__ import annotations

from collections.abc import Iterable

from eggd.messenger import Member
from eggd.suite.restart import KINDS, Restart

FIGURE = "last_restart"
"""The figure of a worker that says why its process was started again."""


class Restarts:
    """Counts the restarts since the agent started, by slot and kind."""

    def __init__(self) -> None:
        self.counts: dict[int, dict[str, int]] = {}
        """Restarts by slot and kind."""
        # The process of each slot that was counted, or that ran before the agent.
        self._pids: dict[int, int] = {}

    def update(self, members: Iterable[Member]) -> list[tuple[int, Restart]]:
        """Counts the new processes among the members and returns their restarts.

        A ready process that this agent knew nothing of has been running since before its start.
        """
        return [
            (member.slot, restart)
            for member in members
            if self._is_new(member) and (restart := self._count(member)) is not None
        ]

    def _is_new(self, member: Member) -> bool:
        former = self._pids.get(member.slot)
        self._pids[member.slot] = member.pid
        return former != member.pid and (former is not None or member.state == "starting")

    def _count(self, member: Member) -> Restart | None:
        restart = restart_of(member)
        if restart is not None:
            kinds = self.counts.setdefault(member.slot, {})
            kinds[restart.kind] = kinds.get(restart.kind, 0) + 1
        return restart


def restart_of(member: Member) -> Restart | None:
    """Returns the restart that a member announced; None without a valid one."""
    match member.figures.get(FIGURE):
        case {"kind": str(kind), "text": str(text)} if kind in KINDS:
            return Restart(kind, text)
    return None
