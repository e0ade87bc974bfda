"""Calls systemctl and journalctl: arguments in, values out.

Root reaches PID 1 through /run/systemd/private, so this works without a D-Bus daemon. This module
knows no unit by name.
"""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from eggd.ending import wordless
from eggd.errors import SystemdError
from eggd.host.journal import FIELDS, Entry, entries, story
from eggd.host.unit_state import PROPERTIES, UnitState, fields, unit_state

_REFUSED = re.compile(
    r"connect to bus|Access denied|[Aa]uthentication|not permitted|not been booted with systemd"
)
_LOST = re.compile(r"onnection (?:terminated|reset|refused)|Broken pipe|endpoint is not connected")
"""Errors while PID 1 re-executes itself (daemon-reexec, an upgrade); its jobs continue."""

_CANCELED = re.compile(r"[Jj]ob for \S+ canceled")

_REEXEC_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one call."""

    ok: bool
    """Whether the exit code was 0."""
    out: str
    """Standard output, stripped."""
    err: str
    """Standard error, as one line."""

    @property
    def canceled(self) -> bool:
        """Whether another command, such as a stop, has ended the job."""
        return not self.ok and _CANCELED.search(self.err) is not None


class Systemctl:
    """The service manager of this host.

    Raises SystemdError without permission, or without systemd.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        plain = {"LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": "cat"}
        self._environ = {**environ, **plain}
        # systemctl itself reports to NOTIFY_SOCKET and would overwrite the status of the unit.
        self._environ.pop("NOTIFY_SOCKET", None)

    def start(self, *units: str) -> Outcome:
        """Starts units and waits until each is up or has failed."""
        return self._systemctl("start", *units)

    def starting(self, *units: str) -> subprocess.Popen[bytes]:
        """Starts units; the client prints a line to its standard error as each job fails."""
        command = ["systemctl", "--no-ask-password", "start", *units]
        null, pipe = subprocess.DEVNULL, subprocess.PIPE
        return subprocess.Popen(command, env=self._environ, stdin=null, stdout=null, stderr=pipe)

    def stop(self, *units: str) -> Outcome:
        """Stops units (patterns mean loaded ones) and waits until all are down."""
        return self._systemctl("stop", *units)

    def stop_all(self, *units: str) -> None:
        """Stops units or patterns and waits until the processes they have now are down.

        While a listener stays open, a connection makes systemd start a unit again, and that job
        cancels the stop job: even while the unit's old process still ends, as soon as another
        unit of the same socket is down. Raises SystemdError on any other failure.
        """
        before = self._processes(*units)
        while True:
            outcome = self.stop(*units)
            if outcome.ok or not before & self._processes(*units):
                return
            if not outcome.canceled:
                raise SystemdError(f"{', '.join(units)} did not stop: {outcome.err}")

    def restart(self, *units: str) -> Outcome:
        """Stops and starts units, and waits until each is up or has failed."""
        return self._systemctl("restart", *units)

    def reload(self, *units: str) -> Outcome:
        """Reloads units and waits until they have."""
        outcome = self._run("systemctl", "--no-ask-password", "reload", *units)
        if outcome.ok or not _LOST.search(outcome.err):
            return self._check("reload", outcome)
        return self._await_reload(*units)

    def enable(self, *units: str) -> Outcome:
        """Enables units."""
        return self._systemctl("enable", *units)

    def disable(self, *units: str) -> Outcome:
        """Disables units."""
        return self._systemctl("disable", *units)

    def daemon_reload(self) -> Outcome:
        """Reads the unit files again."""
        return self._systemctl("daemon-reload")

    def cat(self, unit: str) -> str:
        """Returns the text of a unit's file and drop-ins; "" without a file."""
        return self._systemctl("cat", "--", unit).out

    def states(self, *units: str) -> list[UnitState]:
        """Returns the states of units; a pattern gives those that are loaded."""
        properties = self._systemctl("show", "--property", PROPERTIES, "--", *units)
        return [unit_state(block) for block in properties.out.split("\n\n") if block.strip()]

    def state(self, unit: str) -> UnitState:
        """Returns the state of one unit; an unknown one is inactive and not installed."""
        return next(iter(self.states(unit)), UnitState(unit=unit, installed=False))

    def mask(self, *units: str) -> str:
        """Returns which of the units is masked, and how to unmask it; "" if systemd starts all."""
        return next((state.why for state in self.states(*units) if state.masked), "")

    def outdated(self, *units: str) -> list[str]:
        """Returns those units whose own file was changed since systemd read it."""
        return [u for u, block in self._files(*units) if block.get("NeedDaemonReload") == "yes"]

    def drop_ins(self, *units: str) -> set[str]:
        """Returns the paths of the drop-ins that systemd has read for units."""
        paths = (block.get("DropInPaths", "").split() for _, block in self._files(*units))
        return {path for each in paths for path in each}

    def open_files(self, *units: str) -> dict[str, int]:
        """Returns how many files the processes of each unit may open (LimitNOFILE=).

        Without units that are not loaded, such as masked ones.
        """
        names = "Id,LoadState,LimitNOFILE"
        output = self._systemctl("show", "--property", names, "--", *units).out
        blocks = [fields(block) for block in output.split("\n\n")]
        loaded = [each for each in blocks if each.get("LoadState") == "loaded"]
        limits = {each.get("Id", ""): each.get("LimitNOFILE", "") for each in loaded}
        return {u: int(text) if text.isdecimal() else sys.maxsize for u, text in limits.items()}

    def wants(self, unit: str) -> list[str]:
        """Returns the names that a unit pulls in."""
        return self._systemctl("show", "--property", "Wants", "--value", "--", unit).out.split()

    def listens(self, unit: str) -> list[str]:
        """Returns the addresses of a socket unit as systemd shows them, `[::]:7001`."""
        properties = self._systemctl("show", "--property", "Listen", "--value", "--", unit).out
        return [line.rpartition(" (")[0] for line in properties.split("\n") if line]

    def booting(self) -> bool:
        """Returns whether the host is still booting."""
        return self._systemctl("is-system-running").out in ("initializing", "starting")

    def shutting_down(self) -> bool:
        """Returns whether the host is shutting down."""
        return self._systemctl("is-system-running").out == "stopping"

    def job_type(self, unit: str) -> str:
        """Returns the type of a unit's queued or running job (start, stop, restart ...).

        "" without a job.
        """
        listed = self._systemctl("list-jobs", "--no-legend", "--plain", "--", unit).out
        jobs = [line.split() for line in listed.split("\n")]
        return next((each[2] for each in jobs if len(each) > 2 and each[1] == unit), "")

    def reason(self, unit: str, since: float) -> str:
        """Returns why a unit did not come up, as one line.

        That is the last error of the first start since `since` (seconds since the epoch); for a
        process that died without an error it is the signal or exit code. For a socket it is
        systemd's message. For a masked unit it is the mask.
        """
        self._run("journalctl", "--sync")
        state = self.state(unit)
        if state.masked:
            return state.why
        if unit.endswith(".socket"):
            failure = self._bind_failure(unit, since)
            return failure.message if failure else self._end(state)
        if state.explained:
            return state.status
        past = story(list(self._entries(unit, since)))
        if past.error and (past.code is None or past.code > 0):
            return past.error
        end = past.end or state.end
        return wordless(end, state.status) if end else self._end(state)

    def lines(self, since: float, count: int, *units: str) -> list[str]:
        """Returns the last warnings and errors that units (or patterns) logged since then."""
        self._run("journalctl", "--sync")
        named = [f"--unit={unit}" for unit in units]
        options = ("--output=cat", "--priority=warning", f"--lines={count}", *named)
        return self._journal(since, *options).splitlines()

    def address_in_use(self, unit: str, since: float) -> bool:
        """Returns whether a socket unit could not bind because another process has its address."""
        failure = self._bind_failure(unit, since)
        return failure is not None and failure.errno == errno.EADDRINUSE

    def _processes(self, *units: str) -> set[int]:
        return {state.pid for state in self.states(*units)} - {0}

    def _entries(self, unit: str, since: float) -> Iterator[Entry]:
        """The entries of the unit's processes and of systemd; an early death leaves no unit
        field."""
        output = f"--output-fields={','.join(FIELDS)}"
        matches = (f"_SYSTEMD_UNIT={unit}", "+", "_PID=1", f"UNIT={unit}")
        return entries(self._journal(since, "--output=json", "--all", output, *matches).split("\n"))

    def _files(self, *units: str) -> list[tuple[str, dict[str, str]]]:
        names = "Id,NeedDaemonReload,DropInPaths"
        properties = self._systemctl("show", "--property", names, "--", *units).out
        blocks = [fields(block) for block in properties.split("\n\n")]
        return [(block.get("Id", ""), block) for block in blocks]

    def _bind_failure(self, unit: str, since: float) -> Entry | None:
        return next((each for each in self._entries(unit, since) if each.errno), None)

    def _end(self, state: UnitState) -> str:
        if state.status:
            return state.status
        return f"{state.active} ({state.sub}), result {state.result}"

    def _journal(self, since: float, *options: str) -> str:
        return self._run("journalctl", "--quiet", f"--since=@{since:.3f}", *options).out

    def _systemctl(self, *arguments: str) -> Outcome:
        outcome = self._run("systemctl", "--no-ask-password", *arguments)
        verb, *rest = arguments
        if not outcome.ok and _LOST.search(outcome.err):
            # The command may be done or not: start joins a restart that still runs.
            outcome = self._again("start" if verb == "restart" else verb, *rest)
        elif not outcome.ok and self._reexecutes(outcome):
            outcome = self._again(*arguments)
        return self._check(verb, outcome)

    def _reexecutes(self, outcome: Outcome) -> bool:
        """Whether PID 1 has no socket for a moment, though it is systemd (sd_booted(3))."""
        is_booted = Path("/run/systemd/system").is_dir()
        return is_booted and os.geteuid() == 0 and "connect to bus" in outcome.err

    def _check(self, verb: str, outcome: Outcome) -> Outcome:
        if not outcome.ok and _REFUSED.search(outcome.err):
            if os.geteuid() == 0:  # the message is not about permissions
                hint = "without systemd, use eggd start DIR"
                raise SystemdError(f"systemctl {verb}: {outcome.err}", hint=hint)
            raise SystemdError(f"systemctl {verb}: {outcome.err}", hint="run it as root")
        return outcome

    def _again(self, verb: str, *arguments: str) -> Outcome:
        """Repeats a command once PID 1 answers again."""
        until = time.monotonic() + _REEXEC_SECONDS
        while True:
            time.sleep(0.2)
            outcome = self._run("systemctl", "--no-ask-password", verb, *arguments)
            lost = _LOST.search(outcome.err) or _REFUSED.search(outcome.err)
            if outcome.ok or not lost or time.monotonic() > until:
                return outcome

    def _await_reload(self, *units: str) -> Outcome:
        """Waits for a reload that continues: repeating the command would reload twice."""
        while any(state.active == "reloading" for state in self.states(*units)):
            time.sleep(0.2)
        properties = self._systemctl(
            "show", "--property", "ReloadResult", "--value", "--", *units
        ).out
        return Outcome(ok={*properties.split()} == {"success"}, out="", err=properties)

    def _run(self, *command: str) -> Outcome:
        try:
            done = subprocess.run(
                command,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
        except OSError as exc:
            raise SystemdError(
                f"{command[0]}: {exc.strerror}", hint="this host is not run by systemd"
            ) from exc
        return Outcome(
            ok=done.returncode == 0, out=done.stdout.strip(), err=" ".join(done.stderr.split())
        )
