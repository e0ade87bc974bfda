"""The roll of a reload on systemd: a spare on the new code, then each worker in turn.

A ready process may not be healthy: each process that the roll starts must stay ready for a moment,
and all of them are checked again before the next worker is restarted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from eggd.errors import BootError
from eggd.host.systemctl import Systemctl
from eggd.suite.slots import SPARE, Roll, unit_of

_SPARE = unit_of(SPARE)


@dataclass(frozen=True, slots=True)
class Rolling:
    """One roll. `say` takes a line of progress; `reason(unit, since)` returns why a unit is down.

    `renew_agent` is called when the spare is ready, before the first worker is restarted.
    """

    systemctl: Systemctl
    say: Callable[[str], None]
    reason: Callable[[str, float], str]
    renew_agent: Callable[[], None]
    pids: dict[str, int] = field(default_factory=dict)
    """The main pid of each unit that this roll has started."""

    def run(self, plan: Roll) -> None:
        """Restarts the workers in the order of `plan`, then drains the spare.

        Raises BootError if a process does not start or does not stay ready; then no further worker
        is restarted, and the spare keeps serving unless it failed itself.
        """
        began = time.time()
        if plan.spare_first:
            self._start_spare(plan.pause)
        self.renew_agent()
        for done, unit in enumerate(map(unit_of, plan.order)):
            new = f"{done} of {len(plan.order)} workers are new"
            self._check(began, new)
            self._renew(unit, plan.pause, new)
            self._check(began, new)
            self.say(f"reload: {done + 1} of {len(plan.order)} workers are new")
        self.systemctl.stop_all(_SPARE)
        self.say("reloaded")

    def _start_spare(self, pause: float) -> None:
        self.say("reload: starting the spare on the new code")
        since = time.time()
        if not self._restart(_SPARE, pause):
            raise self._refused("the new code does not start", since)
        if self._lost():
            raise self._refused("the new code does not stay ready", since)
        self.say("reload: the spare is ready")

    def _refused(self, what: str, since: float) -> BootError:
        reason = self.reason(_SPARE, since)
        self.systemctl.stop(_SPARE)
        return BootError(f"{what}: {reason}", hint="no worker was touched")

    def _renew(self, unit: str, pause: float, new: str) -> None:
        since = time.time()
        if not self._restart(unit, pause):
            raise BootError(
                f"{unit} did not come back: {self.reason(unit, since)}; {new}",
                hint=f"{_SPARE} serves in its place; repair it and reload again",
            )

    def _restart(self, unit: str, pause: float) -> bool:
        """Restarts a unit and waits `pause` seconds; False if it did not start."""
        if not self.systemctl.restart(unit).ok:
            return False
        self.pids[unit] = self.systemctl.state(unit).pid
        time.sleep(pause)
        return True

    def _check(self, began: float, new: str) -> None:
        """Raises BootError if a process that this roll started is no longer ready."""
        if lost := self._lost():
            raise BootError(
                f"{lost} did not stay ready: {self.reason(lost, began)}; {new}",
                hint="the workers that were not restarted serve on; repair it and reload again",
            )

    def _lost(self) -> str:
        states = self.systemctl.states(*self.pids) if self.pids else []
        ready = {state.unit: state.pid for state in states if state.ready}
        return next((unit for unit, pid in self.pids.items() if ready.get(unit) != pid), "")
