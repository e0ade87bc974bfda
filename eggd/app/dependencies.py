"""The servers that this process needs beside its own suite, such as a database."""

from __future__ import annotations

from collections.abc import Callable

from eggd.errors import EggError

FIGURE = "dependencies"
"""The figure of an announcement that has the problems by name."""
MOST = 50
"""Dependencies of one process."""
LONGEST = 200
"""Characters of a name and of a problem that are reported."""


class Dependencies:
    """Reports in `eggd status --json` and in the metrics whether each works."""

    def __init__(self) -> None:
        self._problems: dict[str, Callable[[], str]] = {}

    def add(self, name: str, problem: Callable[[], str]) -> None:
        """Adds a dependency; `problem()` returns what is wrong with it now, "" while it works.

        It is called at each tick of the watchdog and must not block. Raises EggError for a name
        that exists, and for more than 50.
        """
        if name in self._problems:
            raise EggError(f"dependencies.add: {name!r} exists already", hint="choose another name")
        if len(self._problems) == MOST:
            raise EggError(f"dependencies.add: {name!r}: there are {MOST} already")
        self._problems[name] = problem

    @property
    def problems(self) -> dict[str, str]:
        """The problem of each by its name, "" of one that works."""
        return {name[:LONGEST]: problem()[:LONGEST] for name, problem in self._problems.items()}

    @property
    def figure(self) -> dict[str, object]:
        """The figure of an announcement; empty without dependencies."""
        return {FIGURE: self.problems} if self._problems else {}


def checked(figure: object) -> dict[str, str]:
    """Returns the problems that a worker has announced, without values that are not text."""
    if not isinstance(figure, dict):
        return {}
    entries = list(figure.items())[:MOST]
    return {str(name): text for name, text in entries if isinstance(text, str)}
