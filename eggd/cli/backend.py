"""Chooses who runs the suite of a command: systemd, or a supervisor of eggd.

A folder or a title selects a supervisor. Without either it is systemd if egg-master is installed,
else the supervisor of the working directory.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping, Sequence
from pathlib import Path

from eggd.cli.progress import following
from eggd.errors import ControlError, SystemdError
from eggd.host.systemctl import Systemctl
from eggd.spelling import suggestion_or_list
from eggd.suite.names import SuiteNames
from eggd.wire.terminal import visible_line

UNIT_FOLDERS = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")

Answer = Mapping[str, object]


def by_systemd(directory: Path | None) -> bool:
    """Whether systemd runs the suite: no directory is given, and the units are installed."""
    if directory is not None:
        return False
    names = SuiteNames.chosen(os.environ)
    try:
        return Systemctl(os.environ).state(names.master).installed
    except SystemdError:
        return any((Path(folder) / names.master).exists() for folder in UNIT_FOLDERS)


def given(directory: Path | None) -> Path:
    """Returns the app's directory, absolute, with links unresolved."""
    return Path(os.path.abspath(directory or Path.cwd()))


class Local:
    """The supervisor of one app, as the commands control it."""

    def __init__(self, directory: Path | None, title: str = "") -> None:
        from eggd.supervisor.pidfile import everywhere, find

        self.given = given(directory)
        if title and directory is None:
            suites = list(everywhere())
            self.suite = next((each for each in suites if each.title == title), None)
            self._missing = _no_title(title, [each.title for each in suites])
        else:
            self.suite = find(self.given)
            self._missing = f"{self.given}: no suite is running"
            if self.suite is not None and title not in ("", self.suite.title):
                self._missing = _no_title(title, [self.suite.title])
                self.suite = None

    @property
    def missing(self) -> str:
        """The error for a suite that was not found."""
        return visible_line(self._missing)

    @property
    def name(self) -> str:
        """The name of the suite in messages."""
        assert self.suite is not None
        return visible_line(f"{self.suite.title} [{self.suite.pid}] in {self.suite.given}")

    def ask(self, doing: str, *, patience: float | None = None, **request: object) -> Answer:
        """Sends the supervisor a command, shows its progress, and returns its answer.

        Gives up after `patience` seconds without a line.
        """
        from eggd.control.client import ask

        if self.suite is None:
            raise ControlError(self.missing, hint=f"eggd start {self.given}")
        if os.geteuid() not in (0, self.suite.uid):
            raise self.refusal()
        run = self.suite.run
        answer = following(lambda say: ask(run, request, say, patience), doing)
        return _check(answer, self.name)

    def refusal(self) -> ControlError:
        """Returns the error for a user who may not control this suite."""
        assert self.suite is not None
        user = _user(self.suite.uid)
        users = "root" if self.suite.uid == 0 else f"{user} or root"
        return ControlError(f"{self.name} is run by {user}", hint=f"run the command as {users}")

    def serving(self, done: str, answer: Answer) -> str:
        """Returns a line with the action, the suite and the workers that now serve."""
        ready = sum(
            unit["active"] == "active" and unit["unit"].startswith("egg-worker@")
            for unit in units_of(answer)
        )
        workers = f"{ready} {'worker' if ready == 1 else 'workers'}"
        return visible_line(f"{done}: {self.name}, {workers} ready on {answer['url']}")


def units_of(answer: Answer) -> Sequence[Mapping[str, str]]:
    """Returns the units of a checked answer."""
    units = answer["units"]
    assert isinstance(units, list)
    return units


def _check(answer: object, name: str) -> Answer:
    """Returns a supervisor's answer after checking its form; raises ControlError for another form.

    The answer comes from the suite's user, and root may have sent the command.
    """
    units = answer.get("units") if isinstance(answer, dict) else None
    sound = isinstance(units, list) and all(
        isinstance(unit, dict) and all(isinstance(unit.get(key), str) for key in ("unit", "active"))
        for unit in units
    )
    if not isinstance(answer, dict) or not sound or not isinstance(answer.get("url"), str):
        raise ControlError(f"{name}: its supervisor sent an invalid response")
    return answer


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _no_title(title: str, titles: list[str]) -> str:
    hint = suggestion_or_list(title, titles, "running") if titles else "no suite is running"
    return f"--title: {title!r}: unknown title ({hint})"
