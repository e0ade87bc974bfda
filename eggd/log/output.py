"""The destinations of a logger: its file, the file of all errors, the console."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

import logbook

from eggd.log.batch import LATE, checked
from eggd.log.channels import Channels
from eggd.log.entry import Entry, LogContext
from eggd.log.file import LogFile
from eggd.log.levels import CRITICAL, ERROR, NAMES, NONE
from eggd.log.record import Capture
from eggd.log.text import LineClock
from eggd.masking.known import without_known

_counter = time.perf_counter

Show = Callable[[int, str, Entry], None]
"""Writes an entry to the console: level, text, and the entry for the journal's fields."""

Padder = Callable[..., object]
"""Returns the text in front of each message of a ctx, given the ctx."""

Padding = Callable[[], str]
"""Returns the text in front of a message, such as the request of a context."""


class Output:
    """The destinations and levels of a logger and of all loggers derived from it."""

    __slots__ = (
        "_console_end",
        "_console_floor",
        "_feeders",
        "_show",
        "capture",
        "channels",
        "clock",
        "console_level",
        "entry_floor",
        "errors",
        "file",
        "floor",
        "handlers",
        "level",
        "name",
        "own_errors",
        "padder",
        "records",
        "short_end",
        "tails",
        "tallies",
        "watchers",
    )

    def __init__(
        self,
        name: str,
        file: LogFile,
        level: int,
        pid: int,
        clock: LineClock,
        show: Show,
        capture: Capture,
    ) -> None:
        self.name = name
        self.file = file
        # While this handler is the innermost of Logbook, no other one has to see a line.
        self.capture = capture
        # Logbook's handlers of this logger alone.
        self.handlers: list[logbook.Handler] = []
        # The lowest level that is written to `file`.
        self.level = level
        self.console_level = NONE
        # The output of the file of all errors, if errors go there, too (`concentrate_in`).
        self.errors: Output | None = None
        # The outputs whose errors come here, too: what they need depends on this one.
        self._feeders: list[Output] = []
        # False if errors go to `errors` only (process:LOG-50, redirect).
        self.own_errors = True
        # None for a logger that writes lines of text to one file.
        self.channels: Channels | None = None
        # The entries, counted by level, without those of `tallies`.
        self.records = [0] * (CRITICAL + 1)
        # Levels, each with a function that returns the entries since its last call.
        self.tallies: list[tuple[int, Callable[[], int]]] = []
        # Replaces the bracket of a ctx (process:LOG-25); None keeps it.
        self.padder: Padder | None = None
        self.clock = clock
        self._show = show
        # The lowest level that is written to the console, as `refresh` computes it.
        self._console_floor = NONE
        # The level from which on the console shows nothing: errors are shown by a transport.
        self._console_end = NONE
        # The lowest level that is written anywhere: callers check it before they format.
        self.floor = NONE
        # The lowest level that needs an `Entry`: for the console, or for channels.
        self.entry_floor = NONE
        # The lowest level of which not every line is text of one format for `file` alone.
        self.short_end = NONE
        # Called when the levels may have changed, or what else `refresh` follows.
        self.watchers: list[Callable[[], object]] = []
        # The text between date and message, by level.
        self.tails: list[str] = []
        self.set_pid(pid)

    @property
    def own(self) -> Output:
        """This output. An object around it, as in env local, passes the attribute on."""
        return self

    def set_pid(self, pid: int) -> None:
        """Shows `pid` in lines from now on."""
        names = [NAMES.get(level, "DEBUG") for level in range(CRITICAL + 1)]
        self.tails = [f"{name} {pid} " for name in names]
        self.refresh()

    def use_channels(self) -> Channels:
        """Returns the channels, which take all entries from now on; `refresh` must follow."""
        if self.channels is None:
            self.channels = Channels()
        return self.channels

    def count_entries(self) -> list[int]:
        """Returns the entries since the start, by level."""
        for level, tally in self.tallies:
            self.records[level] += tally()
        return self.records

    def concentrate_in(self, errors: Output | None) -> None:
        """Writes errors to the file of `errors`, too; None: nowhere else."""
        if self.errors is not None:
            self.errors._feeders.remove(self)
        self.errors = errors
        if errors is not None:
            errors._feeders.append(self)
        self.refresh()

    def refresh(self) -> None:
        """Computes the levels anew, and notifies the watchers.

        The console replaces a file that cannot be written.
        """
        channels, errors = self.channels, self.errors
        self._refresh_console()
        self.floor = min(self.level, self._console_floor)
        self.entry_floor = self._console_floor
        if channels is not None:
            self.floor = self.entry_floor = min(self.floor, channels.floor)
        if errors is not None and errors.channels is not None:
            self.entry_floor = min(self.entry_floor, ERROR)
        self.short_end = min(self.entry_floor, ERROR) if self.padder is None else 0
        for feeder in self._feeders:
            feeder.refresh()
        for changed in self.watchers:
            changed()

    def _refresh_console(self) -> None:
        channels, errors = self.channels, self.errors
        instead = self.level if self.file.degraded else NONE
        # An error is on the console once: the lower of the two levels decides (process:LOG-51).
        concentrated = max(ERROR, errors.console_level) if errors else NONE
        self._console_floor = min(self.console_level, instead, concentrated)
        self._console_end = NONE
        if channels is not None and not channels.uses("console"):
            self._console_floor = NONE
        elif errors is not None and errors.channels is not None and instead == NONE:
            self._console_end = NONE if errors.channels.uses("console") else ERROR

    def on_console(self, level: int) -> bool:
        """Returns whether the console shows lines of this level."""
        return self._console_floor <= level < self._console_end

    def padding(self, usual: Padding, context: LogContext | None) -> Padding:
        """Returns the function for the text in front of a message: the app's own, or `usual`."""
        padder = self.padder
        return usual if padder is None or context is None else _padding(padder, context, usual)

    def put(self, level: int, text: str, entry: Entry | None = None) -> None:
        """Writes `text` to each destination whose level is not above `level`.

        `entry` has what a caller knows beyond it.
        """
        if level < self.entry_floor:
            self.write(level, text)
            return
        self.records[level] += 1
        text = checked(text)
        entry = Entry(level, text, text) if entry is None else entry
        entry.message = without_known(entry.message)
        entry.text, entry.logger = text, self.name
        self.deliver(entry)

    def write(self, level: int, text: str) -> None:
        """Writes a line of a level below `entry_floor`, which nothing but files takes.

        The file masks and escapes it.
        """
        self.records[level] += 1
        if level < self.level:
            return
        if len(text) > LATE:
            text = checked(text)
        now = _counter()
        clock = self.clock
        date = clock.text if now < clock.end else clock.turn(now)
        line = f"{date}{self.tails[level]}{text}"
        if level < ERROR:
            self.file.add(line)
        else:
            self._add(level, line)

    def deliver(self, entry: Entry, without: Collection[str] = ()) -> None:
        """Writes an entry whose text is complete, except to the transports of `without`."""
        if self.channels is not None:
            self.channels.deliver(self, entry, without)
            return
        level = entry.number
        console = self.on_console(level)  # before the file: a failing one lowers it
        if level >= self.level and "file" not in without:
            self._add(level, entry.line(), entry)
        if console and "console" not in without:
            self._show(level, entry.text, entry)

    def _add(self, level: int, line: str, entry: Entry | None = None) -> None:
        """Writes a line to the file, an error also to that of all errors."""
        if level < ERROR or self.own_errors:
            self.file.add(line)
        if level >= ERROR:
            self.concentrate(level, line, entry)

    def show(self, entry: Entry) -> None:
        """Writes an entry to the console."""
        self._show(entry.number, entry.text, entry)

    def flush(self) -> None:
        """Writes the collected lines of its file and of the file of all errors."""
        self.file.flush()
        if self.errors is not None:
            self.errors.file.flush()

    def concentrate(self, level: int, line: str, entry: Entry | None = None) -> None:
        """Writes an error to the file of all errors, and to the transports of its logger, which
        need the entry."""
        errors = self.errors
        if errors is None or errors.file is self.file or level < errors.level:
            return
        if errors.channels is None:
            errors.file.add(line)
        elif entry is not None:
            errors.channels.receive(errors, entry, ())


def _padding(padder: Padder, context: LogContext, usual: Padding) -> Padding:
    """Returns a function that returns the app's own text in front of a message (LOG-25)."""

    def padding() -> str:
        try:
            return str(padder(context))
        except Exception:  # a logging call never raises
            return usual()

    return padding
