"""The agent's side of recycling: only one worker at a time may end.

A turn ends when the worker is ready again, as another process. A worker that never comes back
blocks the others for `LONGEST` seconds only, or their memory would grow without limit.
"""

from __future__ import annotations

from collections.abc import Callable

from eggd.process.roster import Roster
from eggd.suite.recycle import LONGEST
from eggd.wire.datagram import Sender


class Turns:
    """Grants the turns of a suite."""

    def __init__(self, roster: Roster, reloading: Callable[[], bool]) -> None:
        self._roster = roster
        self._reloading = reloading
        # Slot and pid of the last worker that got a turn, and when.
        self._last = (0, 0)
        self._at = -LONGEST

    def ask(self, data: object, sender: Sender) -> dict[str, str]:
        """Answers a worker's request for a turn: `why` says why it must wait, "" grants it."""
        if sender.role != "worker":
            return {"why": "only workers are recycled"}
        why = self._obstacle(sender)
        if not why:
            self._last, self._at = (sender.slot, sender.pid), self._roster.now()
        return {"why": why}

    def _obstacle(self, sender: Sender) -> str:
        if self._reloading():
            return "a reload replaces the workers"
        slot, pid = self._last
        still_serves = self._roster.serving.get(slot) == pid
        if slot != sender.slot and still_serves and self._roster.now() - self._at < LONGEST:
            return f"worker {slot} is being recycled"
        for other in self._roster.missing:
            if other != sender.slot and self._roster.absent(other) < LONGEST:
                return f"worker {other} is {self._roster.states.get(other, 'down')}"
        return ""
