"""Executes the requests of the suite's rules (`eggd.suite.requests`) with systemctl."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from eggd.errors import SystemdError
from eggd.host.credentials import credential_files
from eggd.host.inbox import inbox_lost
from eggd.host.jobs import failures
from eggd.host.systemctl import Outcome as Result
from eggd.host.systemctl import Systemctl
from eggd.host.unit_files import digest
from eggd.identityfile import agent_differs
from eggd.suite import requests
from eggd.suite.names import SuiteNames
from eggd.suite.requests import SUCCESS, Outcome, Request


@dataclass(frozen=True, slots=True)
class Executor:
    """Executes the requests of one rule. `say` takes progress, `warn` warnings.

    Raises SystemdError if systemctl refuses a request, or cannot enable or stop a unit.
    """

    systemctl: Systemctl
    say: Callable[[str], None]
    warn: Callable[[str], None]
    names: SuiteNames
    """The names of the suite."""
    rundir: Path
    """Its runtime directory."""
    unread: bool = False
    """Whether systemd had not read the present files of the agent's unit before the rule."""
    began: float = field(default_factory=time.time)
    """The start of the rule: an older entry of the journal does not explain a failure."""
    pids: dict[str, int] = field(default_factory=dict)
    """The main process of each unit that this rule has restarted or checked."""

    def execute(self, request: Request) -> Outcome:
        """Executes one request."""
        systemctl = self.systemctl
        match request:
            case requests.Say(text, warning):
                (self.warn if warning else self.say)(text)
            case requests.Start(units, retry):
                return self._retry(units) if retry else self._start(units)
            case requests.Restart(units):
                return self._restart(units)
            case requests.Stop(units):
                systemctl.stop_all(*units)
            case requests.StopAll():
                # Sockets are named first: a connection must not start a worker again.
                systemctl.stop(
                    self.names.listener, self.names.inbox, self.names.workers, self.names.agent
                )
            case requests.Enable(units, on):
                _check(systemctl.enable(*units) if on else systemctl.disable(*units))
            case requests.Wait(_, seconds):
                time.sleep(seconds)
            case requests.Check(units):
                return self._replace(units)
            case requests.InspectAgent():
                return self._stale_agent()
        return SUCCESS

    def _start(self, units: Iterable[str]) -> Outcome:
        since = time.time()
        reasons: dict[str, str] = {}
        for unit in failures(self.systemctl, *units):
            reasons[unit] = self._reason(unit, since)
            # systemd would restart it a second later, while other workers still boot.
            self.systemctl.stop(unit)
        return {
            unit: reasons[unit] for unit in sorted(reasons, key=self.names.order)
        } or self._down(units, since)

    def _retry(self, units: Iterable[str]) -> Outcome:
        since = time.time()
        self.systemctl.start(*units)
        return self._down(units, since)

    def _restart(self, units: Iterable[str]) -> Outcome:
        since = time.time()
        if not self.systemctl.restart(*units).ok:
            return self._down(units, since)
        self.pids.update({unit: self.systemctl.state(unit).pid for unit in units})
        return SUCCESS

    def _down(self, units: Iterable[str], since: float) -> Outcome:
        states = self.systemctl.states(*units)
        return {each.unit: self._reason(each.unit, since) for each in states if not each.ready}

    def _replace(self, units: Iterable[str]) -> Outcome:
        pids = {each.unit: each.pid for each in self.systemctl.states(*units) if each.ready}
        for unit in units:
            self.pids.setdefault(unit, pids.get(unit, 0))
        changed = [unit for unit in units if pids.get(unit) != self.pids[unit]]
        return {unit: self._reason(unit, self.began) for unit in changed}

    def _stale_agent(self) -> Outcome:
        agent, spare = (self.systemctl.state(unit) for unit in (self.names.agent, self.names.spare))
        if agent.ready and inbox_lost(self.rundir):
            return {self.names.inbox: "its inbox was removed"}
        why = agent_differs(self.rundir, agent.pid, spare.pid, digest(agent.unit))
        if not why and self.unread:  # it may have started after the change, but before the reading
            why = "systemd had not read the files of its unit"
        return {self.names.agent: why} if why else SUCCESS

    def _reason(self, unit: str, since: float) -> str:
        # systemd's own line does not always reach the journal under the unit's name.
        if unit.endswith(".service") and (problem := self._missing_credential(unit)):
            return f"{unit}: {problem}"
        reason = self.systemctl.reason(unit, since)
        if unit == self.names.listener and self.systemctl.address_in_use(unit, since):
            return f"{reason} ({self.names.command('listen [ADDRESS:]PORT')} chooses another)"
        return reason

    def _missing_credential(self, unit: str) -> str:
        """Returns which file of LoadCredential= does not exist: systemd does not name it."""
        for name, path in credential_files(self.systemctl.cat(unit)).items():
            try:
                path.stat()
            except FileNotFoundError:
                return f"{str(path)!r}, which LoadCredential={name} names, does not exist"
            except OSError:  # hidden from this process by its sandbox, but not from PID 1
                continue
        return ""


def _check(result: Result) -> None:
    if not result.ok:
        raise SystemdError(result.err)
