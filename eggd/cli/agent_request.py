"""Sends a request to the agent of a running suite."""

from __future__ import annotations

import os
from pathlib import Path

from eggd.cli.backend import Local, by_systemd
from eggd.cli.progress import waiting
from eggd.control import AGENT
from eggd.control.client import ask
from eggd.errors import ControlError
from eggd.suite.names import VARIABLE, SuiteNames

PATIENCE = 35.0
"""Seconds to wait for an answer: the agent gives up after 30."""


def ask_agent(directory: Path | None, action: str, doing: str) -> object:
    """Sends a request to the agent of the suite in a directory; None: of the suite of this host.

    Returns the answer, which the user of the suite has made, and shows `doing` while it waits.
    Raises ControlError if the agent is not running, or does not answer; ReportedError with the
    agent's error.
    """
    rundir = _rundir(directory)
    request = {"command": "request", "action": action}
    try:
        return waiting(
            lambda: ask(rundir, request, lambda text: None, PATIENCE, file=AGENT), lambda: doing
        )
    except ControlError as exc:
        raise _explained(exc, rundir) from exc


def _rundir(directory: Path | None) -> Path:
    """Returns the runtime directory of the suite. Raises ControlError if it is not running."""
    runtime = os.environ.get("RUNTIME_DIRECTORY")
    local = Local(directory)
    if local.suite is not None and not (directory is None and os.environ.get(VARIABLE)):
        if os.geteuid() not in (0, local.suite.uid):
            raise local.refusal()
        return local.suite.run
    if directory is None and (runtime or by_systemd(None)):
        return Path(runtime or SuiteNames.chosen(os.environ).runtime)
    raise ControlError(local.missing, hint=f"eggd start {local.given}")


def _explained(exc: ControlError, rundir: Path) -> ControlError:
    match exc.__cause__:
        case FileNotFoundError() | ConnectionRefusedError():
            return ControlError(f"the agent is not running ({rundir / AGENT})", hint="eggd status")
        case PermissionError():
            return ControlError(
                f"{rundir / AGENT}: permission denied",
                hint="run the command as root or as the user of the suite",
            )
        case TimeoutError():
            return ControlError(
                f"the agent did not answer within {PATIENCE:g} s", hint="eggd status"
            )
    return exc
