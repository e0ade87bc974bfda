"""The agent's comparison of the suite with what it should be: enabled workers against ready ones.

systemd starts the workers, so the agent repairs nothing. It logs why each process was started
again, warns of a worker that stays away, grants the turns of recycling, and knows for health checks
which workers serve.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from eggd.app.cluster_config import HealthConfig
from eggd.messenger import Member
from eggd.process.restarts import Restarts
from eggd.process.roster import Roster
from eggd.process.turns import Turns
from eggd.suite.names import SuiteNames
from eggd.suite.restart import FAILURES, UNSTARTED

Log = Callable[[str, str], None]
"""`log(level, text)` writes one line of the agent."""


class Reconciliation:
    """The workers as the agent sees them; `update` at each change, `tick` every few seconds."""

    def __init__(self, reloading: Callable[[], bool], log: Log) -> None:
        self.roster = Roster()
        self.restarts = Restarts()
        self.turns = Turns(self.roster, reloading)
        self.missing_after = HealthConfig().missing_after
        """Seconds after which a missing worker is named in a warning."""
        self._log = log
        # The slots that a warning has named.
        self._warned: set[int] = set()

    def update(self, members: Iterable[Member], enabled: Iterable[int]) -> None:
        """Takes the members and the enabled slots after a change of one of them."""
        members = list(members)
        for slot, restart in self.restarts.update(members):
            if restart.kind == UNSTARTED:  # the worker itself has logged the error
                continue
            level = "warning" if restart.kind in FAILURES else "info"
            self._log(level, f"worker {slot} was started again: {restart.text}")
        self.roster.update(members, enabled)
        for slot in sorted(self._warned - {*self.roster.missing}):
            self._warned.discard(slot)
            if slot in self.roster.serving:
                self._log("info", f"worker {slot} is ready again")

    def tick(self) -> None:
        """Warns once of each worker that has been missing for too long."""
        for slot in self.roster.missing:
            seconds = self.roster.absent(slot)
            if slot not in self._warned and seconds >= self.missing_after:
                self._warned.add(slot)
                state = self.roster.states.get(slot, "down")
                self._log(
                    "warning",
                    f"worker {slot} has not been ready for {seconds:.0f} s (it is {state}):"
                    f" {_cure(slot)}",
                )


def _cure(slot: int) -> str:
    """Returns the commands that show why a worker is missing."""
    if "EGGD_WANTS" in os.environ:
        return "run 'eggd status' and 'eggd doctor' in the app's folder"
    names = SuiteNames.chosen(os.environ)
    unit = names.worker(slot).removesuffix(".service")
    return f"run 'systemctl status {unit}' and '{names.command('doctor')}'"
