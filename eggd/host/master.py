"""`python3 -m eggd.host.master start|reload|stop`: the commands of egg-master.service, run as root.

systemd is the master; no process of eggd is. These commands end when the suite has reached the
wanted state, so that systemd can order other units after them. They act through systemctl only.
A restart never stops a socket.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from eggd.errors import EggError, NotReadyError, VariableError
from eggd.host import defaults
from eggd.host.executor import Executor
from eggd.host.loaded_units import daemon_reload, outdated
from eggd.host.relisten import Relisten
from eggd.host.reload_lock import TRIAL_SETTINGS, reload_lock
from eggd.host.suite_url import suite_url
from eggd.host.systemctl import Systemctl
from eggd.host.unit_state import UnitState
from eggd.masking.secrets import public_line
from eggd.suite import wording
from eggd.suite.min_ready import min_ready
from eggd.suite.names import SuiteNames
from eggd.suite.reload import WorkerState, reload
from eggd.suite.requests import Outcome, Request, Start, StopAll, perform
from eggd.suite.start import start, stop
from eggd.systemd.notifier import Notifier

OPENED = "listener"
"""File in the lock directory with the addresses of egg.socket when egg-master started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """A suite of this host. `say` takes progress, `warn` what is missing after a boot."""

    systemctl: Systemctl
    say: Callable[[str], None]
    warn: Callable[[str], None]
    names: SuiteNames
    """The names of the suite."""
    defaults: Path
    """Its file of settings."""
    rundir: Path
    """Its runtime directory."""
    lock_directory: Path
    """A directory in which only root can take a lock."""
    drop_ins: Path
    """The drop-ins of its listener."""

    @property
    def relisten(self) -> Relisten:
        """The address of egg.socket, and a pending one."""
        return Relisten(self.systemctl, self.names, self.drop_ins, self.lock_directory / OPENED)

    def start(self) -> None:
        """Starts the sockets, the agent and every enabled worker, and waits for all of them.

        Raises NotReadyError with each unit that did not start and why, and leaves nothing running.
        While the host boots, the units that can start keep running, and the others are a warning.
        """
        names = self.names
        if address := self.relisten.before_start():
            self.say(f"{names.listener} will listen on {address}")
        workers = names.workers_among(self.systemctl.wants(names.master))
        self._read_units(names.agent, *workers)
        booting = self.systemctl.booting()
        rule = start(workers, problem=self._problem(), booting=booting, names=names)
        perform(rule, self._start_request)
        if all(state.ready for state in self.systemctl.states(names.agent, *workers)):
            count = wording.workers(len(workers))
            self.say(f"eggd started on {suite_url(self.systemctl, names, self.rundir)} ({count})")

    def stop(self) -> None:
        """Stops every running worker, the spare too, then the agent; waits until they are down.

        Stops the sockets, too, except during a restart of egg-master (they queue connections and
        messages meanwhile) or a shutdown of the host (systemd stops them after egg-master). Not
        done by PropagatesStopTo=, which systemd 254 and later also applies at a restart.
        """
        states = self.systemctl.states(self.names.workers, self.names.agent)
        if any(state.active != "inactive" for state in states):
            perform(stop(self.names), self._executor().execute)
        self._stop_sockets()

    def reload(self) -> None:
        """Replaces the running workers one after the other (`eggd.suite.reload`).

        Raises NotReadyError as that rule does, if another reload is running, and if one of the
        units is masked.
        """
        with reload_lock(self.lock_directory, self.names):
            # Left by a trial that was killed: the spare is to serve clients now.
            (self.lock_directory / TRIAL_SETTINGS).unlink(missing_ok=True)
            pause = min_ready(defaults.check(self.defaults))
            states = self.systemctl.states(self.names.workers)
            self._refuse_mask(*(each.unit for each in states if each.ready))
            unread = self._read_units(self.names.agent, *(each.unit for each in states))
            rule = reload(_worker_states(states, self.names), pause, self.names)
            perform(rule, self._executor(unread=self.names.agent in unread).execute)

    def _refuse_mask(self, *workers: str) -> None:
        """Raises NotReadyError if systemd would not start a unit again that the reload ends."""
        names = self.names
        if mask := self.systemctl.mask(*names.sockets, names.agent, *workers):
            raise NotReadyError(mask, hint="no worker was touched")

    def _read_units(self, *units: str) -> list[str]:
        """Has systemd read unit files that have changed; returns the units.

        Not if the address of a socket may have changed, too: systemd would close it.
        """
        changed = outdated(self.systemctl, *sorted(units))
        if not changed:
            return []
        sockets = outdated(self.systemctl, *self.names.sockets)
        listed = ", ".join(changed + sockets)
        if sockets:
            cure = f"run systemctl daemon-reload, then {self.names.command('restart')}"
            self.warn(f"unit files have changed and were not read: {listed} ({cure})")
            return []
        self.say(f"reading changed unit files: {listed}")
        daemon_reload(self.systemctl)
        return changed

    def _executor(self, *, unread: bool = False) -> Executor:
        return Executor(self.systemctl, self.say, self.warn, self.names, self.rundir, unread)

    def _problem(self) -> str:
        try:
            defaults.check(self.defaults)
        except VariableError as exc:
            return exc.line
        return ""

    def _start_request(self, request: Request) -> Outcome:
        failed = self._executor().execute(request)
        if isinstance(request, Start) and request.units == self.names.sockets and not failed:
            self.relisten.started()
        return failed

    def _stop_sockets(self) -> None:
        if self.systemctl.shutting_down():
            return
        if self.systemctl.job_type(self.names.master) != "restart":
            # The services, too: a client that connected meanwhile has started worker 1 again.
            self._executor().execute(StopAll())
        elif self.relisten.is_due():  # the next start opens another listener
            self.systemctl.stop(self.names.listener, self.names.workers)


def _worker_states(states: list[UnitState], names: SuiteNames) -> Iterator[WorkerState]:
    for state in states:
        slot = names.slot(state.unit)
        if slot is not None:
            down = state.active == "activating"
            yield WorkerState(slot=slot, ready=state.ready, down=down)


def main(argv: list[str]) -> int:
    """Runs one command of the unit; reports an EggError as one line of priority 3."""
    notifier, names = Notifier(os.environ), SuiteNames.chosen(os.environ)
    master = Master(
        systemctl=Systemctl(os.environ),
        say=lambda text: _report(notifier.status, 6, text),
        warn=lambda text: _report(notifier.status, 4, text),
        names=names,
        defaults=defaults.location(os.environ),
        rundir=Path(os.environ.get("EGGD_RUNDIR") or names.runtime),
        lock_directory=Path(os.environ.get("RUNTIME_DIRECTORY") or names.lock_directory),
        drop_ins=Path(os.environ.get("EGGD_DROP_INS") or names.drop_ins),
    )
    commands = {"start": master.start, "reload": master.reload, "stop": master.stop}
    if len(argv) != 2 or argv[1] not in commands:
        print(f"<3>usage: {' | '.join(commands)}, not {argv[1:]!r}", file=sys.stderr)
        return 2
    notifier.retrying()
    try:
        commands[argv[1]]()
    except EggError as exc:
        _report(notifier.failed, 3, exc.line)
        return exc.exit_code
    return 0


def _report(show: Callable[[str], None], priority: int, text: str) -> None:
    line = public_line(text)
    print(f"<{priority}>{line}", file=sys.stderr, flush=True)
    show(line)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
