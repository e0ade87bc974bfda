"""The destinations of a logger: its file, the file of all errors, the console."""

from __future__ import annotations

import time
from collections.abc import Callable

from eggd.log.file import LogFile
from eggd.log.levels import ERROR, NAMES, NONE
from eggd.log.text import MILLISECONDS, LineClock, clean
from eggd.masking.known import FORMS, without_known

_time = time.time


class Output:
    """The destinations and levels of a logger and of all loggers derived from it."""

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
        self,
        file: LogFile,
        level: int,
        pid: int,
        clock: LineClock,
        console: Callable[[int, str], None],
    ) -> None:
        self.file = file
        # The lowest level that is written to `file`.
        self.level = level
        self.console_level = NONE
        # The output of the file of all errors, if errors go there, too.
        self.errors: Output | None = None
        # False if errors go to `errors` only (process:LOG-50, redirect).
        self.own_errors = True
        self._clock = clock
        # Writes `(level, text)` to the console.
        self._console = console
        # The lowest level that is written to the console, as `refresh` computes it.
        self._console_floor = NONE
        # The lowest level that is written anywhere: callers check it before they format.
        self.floor = NONE
        # The text between date and message, by level.
        self._tails: dict[int, str] = {}
        self.set_pid(pid)
        self.refresh()

    def set_pid(self, pid: int) -> None:
        """Shows `pid` in lines from now on."""
        self._tails = {level: f"{name} {pid} " for level, name in NAMES.items()}

    def refresh(self) -> None:
        """Computes the levels anew; the console replaces a file that cannot be written."""
        instead = self.level if self.file.degraded else NONE
        # An error is on the console once: the lower of the two levels decides (process:LOG-51).
        concentrated = max(ERROR, self.errors.console_level) if self.errors else NONE
        self._console_floor = min(self.console_level, instead, concentrated)
        self.floor = min(self.level, self._console_floor)

    def put(self, level: int, text: str) -> None:
        """Writes `text` to each destination whose level is not above `level`."""
        if FORMS:
            text = without_known(text)
        if not text.isprintable():
            text = clean(text)
        console = level >= self._console_floor  # before the file: a failing one lowers it
        if level >= self.level:
            now = _time()  # LineClock.now(), spelled out: a call costs a tenth of a line
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
        """Writes the collected lines of its file and of the file of all errors."""
        self.file.flush()
        if self.errors is not None:
            self.errors.file.flush()

    def _error(self, level: int, line: str) -> None:
        if self.own_errors:
            self.file.add(line)
        errors = self.errors
        if errors is not None and errors.file is not self.file and level >= errors.level:
            errors.file.add(line)
