"""`python3 -m eggd.host.master start|reload|stop`: what egg-master.service runs, as root.

There is no master process: systemd is the master, and these commands are its barriers. They call
`systemctl` alone. Two rules: a restart never stops a socket, and a reload touches no worker before
the spare, egg-worker@0, is ready on the new code.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eggd.errors import BootError, EggError, SystemdError
from eggd.host import defaults
from eggd.host.credentials import credential_files
from eggd.host.inbox import inbox_lost
from eggd.host.relisten import DIRECTORY, Relisten
from eggd.host.rolling import Rolling
from eggd.host.starting import failures
from eggd.host.suite_url import suite_url
from eggd.host.systemctl import Systemctl, UnitState
from eggd.masking.secrets import public_line
from eggd.suite.identity import agent_differs
from eggd.suite.slots import (
    AGENT,
    INBOX,
    LAST_SLOT,
    LISTENER,
    MASTER,
    SPARE,
    WORKERS,
    Turn,
    min_ready,
    roll,
    said_together,
    slot_of,
    unit_of,
)
from eggd.systemd.notifier import Notifier

LOCK_DIRECTORY = Path("/run/egg-master")
"""RuntimeDirectory= of egg-master.service; root's alone, so that nobody else can hold the lock."""

RUNTIME = Path("/run/eggd")
"""RuntimeDirectory= of agent and workers."""

OPENED = "listener"
"""File in the lock directory with the addresses of egg.socket when egg-master started."""

_SPARE = unit_of(SPARE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """The suite as a whole. `say` takes a line of progress, `warn` what is missing after a boot."""

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
        """Brings up the sockets, the agent and every enabled worker, and wait for all of them.

        Raises BootError with each unit that did not come up and why, and leaves nothing running.
        While the host boots what can serve does, and what is missing is a warning.
        """
        if address := self.relisten.before_start():
            self.say(f"{LISTENER} will listen on {address}")
        booting = self.systemctl.booting()
        missing: list[str] = []
        for step in (self._settings, self._sockets, self._agent, self._workers):
            missing += step()
            if missing and not booting:
                self._take_down()
                raise BootError(f"not started, and nothing is left running: {'; '.join(missing)}")
        if missing:
            self.warn(f"incomplete since boot: {'; '.join(missing)}; systemd goes on trying")

    def stop(self) -> None:
        """Stops every running worker, the spare too, then the agent; waits until they are down.

        Stops the sockets, too, except during a restart of egg-master (they queue connections and
        messages meanwhile) or a shutdown of the host (systemd stops them after egg-master). Not
        done by PropagatesStopTo=, which systemd 254 and later also applies at a restart.
        """
        if not any(state.active != "inactive" for state in self.systemctl.states(WORKERS, AGENT)):
            self._stop_sockets()
            return
        self.say("stopping: workers answer what they have")
        self.systemctl.stop_all(WORKERS)
        self.systemctl.stop_all(AGENT)
        self._stop_sockets()
        self.say("stopped")

    def reload(self) -> None:
        """Replaces the running workers one after the other, never with fewer than N ready.

        Raises BootError: another reload runs, nothing serves, the new code does not start (the
        spare is stopped, nobody else was touched) or a worker does not come back (the spare stays).
        """
        with self._alone():
            pause = min_ready(defaults.check(self.defaults))
            plan = roll(_turns(self.systemctl.states(WORKERS)), pause)
            Rolling(self.systemctl, self.say, self._reason, self._renew_agent).run(plan)

    def _settings(self) -> list[str]:
        try:
            defaults.check(self.defaults)
        except BootError as exc:
            return [exc.line]
        return []

    def _sockets(self) -> list[str]:
        missing = self._bring_up([LISTENER, INBOX])
        if not missing:
            self.relisten.started()
        return missing

    def _agent(self) -> list[str]:
        self.say("starting the agent")
        return self._bring_up([AGENT])

    def _workers(self) -> list[str]:
        wanted = self.systemctl.wants(MASTER)
        enabled = sorted((unit for unit in wanted if unit.startswith("egg-worker@")), key=_order)
        if not enabled:
            return ["no worker is enabled (eggd scale 1)"]
        if _SPARE in enabled:
            return [f"{_SPARE} is the spare of a reload (systemctl disable {_SPARE})"]
        self.say("starting the workers")
        missing = self._bring_up(enabled)
        if not missing:
            count = f"{len(enabled)} {'worker' if len(enabled) == 1 else 'workers'}"
            self.say(f"eggd started on {suite_url(self.systemctl)} ({count})")
        return missing

    def _bring_up(self, units: list[str]) -> list[str]:
        since = time.time()
        if self.systemctl.booting():
            self.systemctl.start(*units)
            return self._missing(units, since)
        reasons: dict[str, str] = {}
        for unit in failures(self.systemctl, *units):
            reasons[unit] = self._reason(unit, since)
            self.systemctl.stop(unit)  # or systemd restarts it while other workers boot
        ordered = {unit: reasons[unit] for unit in sorted(reasons, key=_order)}
        return [said_together(ordered)] if reasons else self._missing(units, since)

    def _missing(self, units: list[str], since: float) -> list[str]:
        down = [state.unit for state in self.systemctl.states(*units) if not state.ready]
        reasons = {unit: self._reason(unit, since) for unit in down}
        return [said_together(reasons)] if reasons else []

    def _reason(self, unit: str, since: float) -> str:
        # systemd's own line does not always reach the journal under the unit's name.
        if unit.endswith(".service") and (no := _missing_credential(self.systemctl.cat(unit))):
            return f"{unit}: {no}"
        reason = self.systemctl.reason(unit, since)
        taken = unit == LISTENER and "already in use" in reason
        return f"{reason} (eggd listen [ADDRESS:]PORT chooses another)" if taken else reason

    def _take_down(self) -> None:
        # Sockets first: a connection must not start a worker again.
        self.systemctl.stop(LISTENER, INBOX, WORKERS, AGENT)

    def _stop_sockets(self) -> None:
        if self.systemctl.shutting_down():
            return
        if self.systemctl.job_type(MASTER) == "restart":
            self._close_listener()
            return
        # In one call with the services: a client that connected meanwhile has started worker 1
        # again.
        self._take_down()

    def _close_listener(self) -> None:
        """Closes the listener if a restart opens another one; it stays open in all other cases."""
        if self.relisten.is_due():
            self.systemctl.stop(LISTENER, WORKERS)

    def _renew_agent(self) -> None:
        """Replaces an agent that runs another application than the spare; systemd keeps its inbox.

        If the inbox itself was removed, its unit is restarted together with the agent.
        """
        agent, spare = (self.systemctl.state(unit) for unit in (AGENT, _SPARE))
        why = agent_differs(self.rundir, agent.pid, spare.pid)
        lost = agent.ready and inbox_lost(self.rundir)
        if not (why or lost):
            return
        self.say(f"reload: replacing the agent: {why or 'its inbox was removed'}")
        since = time.time()
        # Both: a restarted socket unit does not always start its service again.
        units = [INBOX, AGENT] if lost else [AGENT]
        if not self.systemctl.restart(*units).ok:
            raise BootError(
                f"the agent did not come back: {self._reason(AGENT, since)}",
                hint=f"no worker was touched; {_SPARE} serves, too: repair it and reload again",
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
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


def _turns(states: list[UnitState]) -> Iterator[Turn]:
    for state in states:
        slot = slot_of(state.unit)
        if slot is not None:
            yield Turn(slot=slot, ready=state.ready, down=state.active == "activating")


def _missing_credential(unit_text: str) -> str:
    """Returns which file of LoadCredential= is not there: systemd itself does not say."""
    for name, path in credential_files(unit_text).items():
        try:
            path.stat()
        except FileNotFoundError:
            return f"{str(path)!r}, which LoadCredential={name} names, does not exist"
        except OSError:  # our own sandbox hides it, not PID 1's
            continue
    return ""


def _order(unit: str) -> tuple[int, str]:
    slot = slot_of(unit)
    return (LAST_SLOT + 1 if slot is None else slot, unit)


def _lock(fd: int) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        raise BootError("another reload is running", hint="journalctl -u egg-master") from exc


def main(argv: list[str]) -> int:
    """Runs one command of the unit; an expected failure is one `<3>` line and exit code 1."""
    notifier = Notifier(os.environ)
    master = Master(
        systemctl=Systemctl(os.environ),
        say=lambda text: _tell(notifier, 6, text),
        warn=lambda text: _tell(notifier, 4, text),
        defaults=Path(os.environ.get("EGG_DEFAULTS") or defaults.DEFAULTS),
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
        _tell(notifier, 3, exc.line)
        return exc.exit_code
    return 0


def _tell(notifier: Notifier, priority: int, text: str) -> None:
    line = public_line(text)
    print(f"<{priority}>{line}", file=sys.stderr, flush=True)
    notifier.status(line)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
