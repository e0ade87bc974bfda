"""The units of a supervisor, in systemd's terms, for `eggd status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path

from eggd.cli.backend import Local, units_of
from eggd.cli.view import View, build, in_folder
from eggd.errors import BootError, DirectoryError
from eggd.host.enabled import enabled_slots
from eggd.host.unit_state import UnitState
from eggd.suite.names import DEFAULT
from eggd.supervisor.rundir import find

PATIENCE = 10.0
"""Seconds to wait for a supervisor's report; after that only the agent's file is used."""


def of_supervisor(directory: Path | None) -> View:
    """Returns the view of the suite in a directory; if it is not running, of its last report.

    Raises DirectoryError if no suite runs and the directory does not exist.
    """
    local = Local(directory)
    if local.suite is None and not local.given.is_dir():
        raise DirectoryError(f"{local.given}: is not a directory")
    if local.suite is None:
        return in_folder(build(find(local.given), None), str(local.given))
    about = {"title": local.suite.title, "pid": local.suite.pid, "url": ""}
    units: LocalUnits | None = None
    try:
        answer = local.ask("asking the supervisor", patience=PATIENCE, command="status")
        units = LocalUnits(units_of(answer), local.suite.run)
        about["url"] = str(answer["url"])
    except BootError:
        pass  # another user's: the agent's file is for everybody
    view = build(local.suite.run, units, f"eggd reload {local.given}")
    return {**view, "supervisor": about}


class LocalUnits:
    """The units reported by a supervisor."""

    def __init__(self, units: Sequence[Mapping[str, object]], run: Path) -> None:
        self._states = [_state(unit) for unit in units]
        self._run = run

    def state(self, unit: str) -> UnitState:
        """Returns the state of one unit; the listener of a running suite is always active."""
        if unit == DEFAULT.listener:
            return UnitState(unit=unit, active="active")
        return next(iter(self.states(unit)), UnitState(unit=unit))

    def states(self, *units: str) -> list[UnitState]:
        """Returns the states of units; a pattern matches the existing ones."""
        return [each for each in self._states if any(fnmatch(each.unit, unit) for unit in units)]

    def listens(self, unit: str) -> list[str]:
        """Returns no addresses: the supervisor's URL has them, and it restores removed sockets."""
        return []

    def wants(self, unit: str) -> list[str]:
        """Returns the enabled workers."""
        folder = self._run / f"{DEFAULT.master}.wants"
        return [DEFAULT.worker(slot) for slot in sorted(enabled_slots([folder], DEFAULT))]


def _state(unit: Mapping[str, object]) -> UnitState:
    pid = unit.get("pid")
    return UnitState(
        unit=str(unit.get("unit")),
        active=str(unit.get("active")),
        sub=str(unit.get("sub")),
        status=str(unit.get("status")),
        pid=pid if isinstance(pid, int) else 0,
    )
