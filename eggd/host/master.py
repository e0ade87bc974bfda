"""`python3 -m eggd.host.master start|reload|stop`: the commands of egg-master.service, run as root.

systemd is the master; no process of eggd is. These commands end when the suite has reached the
wanted state, so that systemd can order other units after them. They act through systemctl only.
A restart never stops a socket.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eggd.errors import EggError, RunningError, SystemdError, VariableError
from eggd.host import defaults
from eggd.host.executor import Executor
from eggd.host.relisten import DIRECTORY, Relisten
from eggd.host.suite_url import RUNTIME, suite_url
from eggd.host.systemctl import Systemctl, UnitState
from eggd.masking.secrets import public_line
from eggd.suite import wording
from eggd.suite.reload import WorkerState, min_ready, reload
from eggd.suite.requests import Outcome, Request, Start, StopAll, perform
from eggd.suite.slots import AGENT, LISTENER, MASTER, WORKERS, slot_of, workers_of
from eggd.suite.start import SOCKETS, start, stop
from eggd.systemd.notifier import Notifier

LOCK_DIRECTORY = Path("/run/egg-master")
"""RuntimeDirectory= of egg-master.service; only root can take a lock in it."""

OPENED = "listener"
"""File in the lock directory with the addresses of egg.socket when egg-master started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """The suite of this host. `say` takes progress, `warn` what is missing after a boot."""

    systemctl: Systemctl
    say: Callable[[str], None]
    warn: Callable[[str], None]
    defaults: Path = defaults.DEFAULTS
    rundir: Path = RUNTIME
    lock_directory: Path = LOCK_DIRECTORY
    drop_ins: Path = DIRECTORY
    """Drop-ins of egg.socket."""

    @property
    def relisten(self) -> Relisten:
        """The address of egg.socket, and a pending one."""
        return Relisten(self.systemctl, self.drop_ins, self.lock_directory / OPENED)

    def start(self) -> None:
        """Starts the sockets, the agent and every enabled worker, and waits for all of them.

        Raises NotReadyError with each unit that did not start and why, and leaves nothing running.
        While the host boots, the units that can start keep running, and the others are a warning.
        """
        if address := self.relisten.before_start():
            self.say(f"{LISTENER} will listen on {address}")
        workers = workers_of(self.systemctl.wants(MASTER))
        rule = start(workers, problem=self._problem(), booting=self.systemctl.booting())
        perform(rule, self._start_request)
        if all(state.ready for state in self.systemctl.states(AGENT, *workers)):
            count = wording.workers(len(workers))
            self.say(f"eggd started on {suite_url(self.systemctl, self.rundir)} ({count})")

    def stop(self) -> None:
        """Stops every running worker, the spare too, then the agent; waits until they are down.

        Stops the sockets, too, except during a restart of egg-master (they queue connections and
        messages meanwhile) or a shutdown of the host (systemd stops them after egg-master). Not
        done by PropagatesStopTo=, which systemd 254 and later also applies at a restart.
        """
        if any(state.active != "inactive" for state in self.systemctl.states(WORKERS, AGENT)):
            perform(stop(), self._executor().execute)
        self._stop_sockets()

    def reload(self) -> None:
        """Replaces the running workers one after the other (`eggd.suite.reload`).

        Raises NotReadyError as that rule does, and if another reload is running.
        """
        with self._locked():
            pause = min_ready(defaults.check(self.defaults))
            states = _worker_states(self.systemctl.states(WORKERS))
            perform(reload(states, pause), self._executor().execute)

    def _executor(self) -> Executor:
        return Executor(self.systemctl, self.say, self.warn, self.rundir)

    def _problem(self) -> str:
        try:
            defaults.check(self.defaults)
        except VariableError as exc:
            return exc.line
        return ""

    def _start_request(self, request: Request) -> Outcome:
        failed = self._executor().execute(request)
        if isinstance(request, Start) and request.units == SOCKETS and not failed:
            self.relisten.started()
        return failed

    def _stop_sockets(self) -> None:
        if self.systemctl.shutting_down():
            return
        if self.systemctl.job_type(MASTER) != "restart":
            # The services, too: a client that connected meanwhile has started worker 1 again.
            self._executor().execute(StopAll())
        elif self.relisten.is_due():  # the next start opens another listener
            self.systemctl.stop(LISTENER, WORKERS)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.lock_directory.mkdir(mode=0o700, exist_ok=True)
            fd = os.open(self.lock_directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as exc:
            raise SystemdError(f"{self.lock_directory}: {exc.strerror}") from exc
        try:
            _lock(fd)
            yield
        finally:
            os.close(fd)


def _worker_states(states: list[UnitState]) -> Iterator[WorkerState]:
    for state in states:
        slot = slot_of(state.unit)
        if slot is not None:
            down = state.active == "activating"
            yield WorkerState(slot=slot, ready=state.ready, down=down)


def _lock(fd: int) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        raise RunningError("another reload is running", hint="journalctl -u egg-master") from exc


def main(argv: list[str]) -> int:
    """Runs one command of the unit; reports an EggError as one line of priority 3."""
    notifier = Notifier(os.environ)
    master = Master(
        systemctl=Systemctl(os.environ),
        say=lambda text: _report(notifier, 6, text),
        warn=lambda text: _report(notifier, 4, text),
        defaults=defaults.location(os.environ),
        rundir=Path(os.environ.get("EGGD_RUNDIR") or RUNTIME),
        lock_directory=Path(os.environ.get("RUNTIME_DIRECTORY") or LOCK_DIRECTORY),
        drop_ins=Path(os.environ.get("EGGD_DROP_INS") or DIRECTORY),
    )
    commands = {"start": master.start, "reload": master.reload, "stop": master.stop}
    if len(argv) != 2 or argv[1] not in commands:
        print(f"<3>usage: {' | '.join(commands)}, not {argv[1:]!r}", file=sys.stderr)
        return 2
    try:
        commands[argv[1]]()
    except EggError as exc:
        _report(notifier, 3, exc.line)
        return exc.exit_code
    return 0


def _report(notifier: Notifier, priority: int, text: str) -> None:
    line = public_line(text)
    print(f"<{priority}>{line}", file=sys.stderr, flush=True)
    notifier.status(line)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
