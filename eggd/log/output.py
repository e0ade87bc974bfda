"""Where the lines of a logger go: its file, the file of all errors, the console."""

from __future__ import annotations

import time
from collections.abc import Callable

from eggd.log.file import LogFile
from eggd.log.levels import ERROR, NAMES, NONE
from eggd.log.text import MILLISECONDS, Clock, clean

_time = time.time


class Output:
    """One logger's destinations and levels, shared by the logger and all that is derived from it.

    `floor` is the least level that gets anywhere at all: callers ask it before they format.
    """

    __slots__ = (
        "_clock",
        "_console",
        "_console_floor",
        "_tails",
        "console_level",
        "errors",
        "file",
        "floor",
        "level",
        "own_errors",
    )

    def __init__(
        self, file: LogFile, level: int, pid: int, clock: Clock, console: Callable[[int, str], None]
    ) -> None:
        self.file = file
        self.level = level
        self.console_level = NONE
        self.errors: Output | None = None
        """Where errors are concentrated; None: nowhere."""
        self.own_errors = True
        """Whether errors go to the own file (LOG-50: redirect says no)."""
        self._clock = clock
        self._console = console
        self._console_floor = self.floor = NONE
        self._tails: dict[int, str] = {}
        self.set_pid(pid)
        self.refresh()

    def set_pid(self, pid: int) -> None:
        """Name process `pid` in lines from now on."""
        self._tails = {level: f"{name} {pid} " for level, name in NAMES.items()}

    def refresh(self) -> None:
        """Computes the levels anew; what a file cannot take, the console gets instead."""
        instead = self.level if self.file.degraded else NONE
        # an error is on the console once, by whichever of the two levels lets it through (LOG-51)
        concentrated = max(ERROR, self.errors.console_level) if self.errors else NONE
        self._console_floor = min(self.console_level, instead, concentrated)
        self.floor = min(self.level, self._console_floor)

    def put(self, level: int, text: str) -> None:
        """Writes `text` to wherever `level` is enough for."""
        if not text.isprintable():
            text = clean(text)
        console = level >= self._console_floor  # asked first: a failing file lowers it
        if level >= self.level:
            now = _time()
            second = int(now)
            clock = self._clock
            date = clock.text if clock.second == second else clock.turn(second)
            ms = MILLISECONDS[int((now - second) * 1000)]
            line = f"{date}{ms}{self._tails[level]}{text}\n"
            if level < ERROR:
                self.file.add(line)
            else:
                self._error(level, line)
        if console:
            self._console(level, text)

    def flush(self) -> None:
        """Writes what waits, to the file of all errors as well."""
        self.file.flush()
        if self.errors is not None:
            self.errors.file.flush()

    def _error(self, level: int, line: str) -> None:
        if self.own_errors:
            self.file.add(line)
        errors = self.errors
        if errors is not None and errors.file is not self.file and level >= errors.level:
            errors.file.add(line)
