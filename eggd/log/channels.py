"""Transports, formats, JSON lines, and other loggers: all beyond lines of text in one file.

A logger without any of it has no `Channels`, and its lines take the short way (output.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from eggd.errors import ArgumentError
from eggd.log.entry import Entry
from eggd.log.failure import headline
from eggd.log.file import LogFile
from eggd.log.levels import ERROR, NAMES, NONE, parse_level
from eggd.log.text import clean
from eggd.masking.known import without_known
from eggd.spelling import suggestion_or_list

Transport = Callable[[Entry], object]
"""Takes each entry from a level on; an exception of it is reported once."""

Formatter = Callable[..., object]
"""Returns the line of an entry, given the entry, without its line break."""

BUILT_IN = ("file", "json_file", "console")
"""The names of the transports that every logger has."""


class Output(Protocol):
    """The members of an output (output.py) that channels use."""

    name: str
    file: LogFile
    level: int
    floor: int
    own_errors: bool
    channels: Channels | None

    @property
    def own(self) -> Output:
        """The output itself, without what surrounds it."""
        ...

    def on_console(self, level: int) -> bool:
        """Returns whether the console shows lines of this level."""
        ...

    def show(self, entry: Entry) -> None:
        """Writes an entry to the console."""

    def deliver(self, entry: Entry, without: Collection[str] = ()) -> None:
        """Writes an entry, except to the transports of `without`."""

    def concentrate(self, level: int, line: str, entry: Entry | None = None) -> None:
        """Writes an error to the file of all errors, and to the transports of its logger."""


class Channels:
    """The transports, formats and targets of one logger."""

    def __init__(self) -> None:
        self.formatter: Formatter | None = None
        """Formats lines; None: the usual format."""
        self.context_formatter: Formatter | None = None
        """Formats lines within a request; None: as all others."""
        self.iso = False
        """Whether dates are in ISO 8601 (process:LOG-23)."""
        self.json_file: LogFile | None = None
        """The file of JSON lines (process:LOG-40)."""
        self.off: set[str] = set()
        """The names of transports that are disabled."""
        self.transports: dict[str, tuple[int, Transport]] = {}
        """The transports by name, each with its lowest level (process:LOG-11)."""
        self.redirects: dict[str, Output] = {}
        """The outputs that get the entries of a level instead (process:LOG-52)."""
        self.duplicates: dict[str, tuple[Output, frozenset[str]]] = {}
        """The outputs that get the entries of a level, too, without some transports."""
        # The formatters and transports whose exception was reported.
        self._failed: set[object] = set()

    @property
    def floor(self) -> int:
        """The lowest level that a transport or another logger takes."""
        others = [*self.redirects.values(), *(output for output, _ in self.duplicates.values())]
        levels = [level for level, _ in self.transports.values()]
        return min([NONE, *levels, *(output.floor for output in others)])

    def uses(self, name: str) -> bool:
        """Returns whether the built-in transport of this name is neither off nor replaced."""
        return name not in self.off and name not in self.transports

    def deliver(self, output: Output, entry: Entry, without: Collection[str] = ()) -> None:
        """Passes an entry to each transport of `output`, except those of `without`."""
        entry.iso = self.iso
        target = self.redirects.get(entry.level)
        if target is not None:
            target.deliver(entry)
            return
        console = output.on_console(entry.number) and "console" not in without
        self.receive(output, entry, without)
        if entry.number >= max(ERROR, output.level):
            output.concentrate(entry.number, entry.line(), entry)
        if console:
            output.show(entry)
        if entry.level in self.duplicates:
            other, excluded = self.duplicates[entry.level]
            other.deliver(entry, excluded)

    def receive(self, output: Output, entry: Entry, without: Collection[str]) -> None:
        """Passes an entry to the files and the added transports of `output`, no others."""
        if entry.number >= output.level and (entry.number < ERROR or output.own_errors):
            self._write(output, entry, without)
        for name, (level, transport) in tuple(self.transports.items()):
            if entry.number >= level and name not in self.off and name not in without:
                self._call(output, transport, entry)

    def _write(self, output: Output, entry: Entry, without: Collection[str]) -> None:
        if self.uses("file") and "file" not in without:
            output.file.add(self._line(output, entry))
        if self.json_file is not None and self.uses("json_file") and "json_file" not in without:
            self.json_file.add(entry.as_json())

    def _line(self, output: Output, entry: Entry) -> str:
        formatter = self.formatter
        if entry.context is not None and self.context_formatter is not None:
            formatter = self.context_formatter
        if formatter is None:
            return entry.line()
        try:
            return clean(without_known(str(formatter(entry))))
        except Exception as exc:
            self._report(output, formatter, exc)
            return entry.line()

    def _call(self, output: Output, transport: Transport, entry: Entry) -> None:
        try:
            transport(entry)
        except Exception as exc:
            self._report(output, transport, exc)

    def _report(self, output: Output, function: object, exc: Exception) -> None:
        """Reports, once, that a formatter or transport fails; it cannot be logged by itself."""
        if id(function) in self._failed:
            return
        self._failed.add(id(function))
        name = getattr(function, "__qualname__", type(function).__qualname__)
        text = f"{name} of the logger {output.name} fails: {headline(exc)}"
        output.show(Entry(ERROR, text, text))


def check_transport(name: str, transports: Collection[str]) -> None:
    """Raises ArgumentError if no transport has this name."""
    known = {*BUILT_IN, *transports}
    if name not in known:
        hint = suggestion_or_list(name, known)
        raise ArgumentError(f"logger: {name!r}: unknown transport", hint=hint)


def level_name(level: str) -> str:
    """Returns the name of a level as lines show it; raises ConfigError for an unknown one."""
    number = parse_level(level)
    if number not in NAMES:
        raise ArgumentError(f"level {level!r} has no lines")
    return NAMES[number]


def checked_target(output: Output, logger: object) -> Output:
    """Returns the output of another logger, to which `output` may pass entries.

    Raises ArgumentError for what is not a logger, and if the entries of the logger reach `output`:
    they would run in circles.
    """
    other: Output | None = getattr(logger, "output", None)
    if other is None:
        hint = "app.get_logger returns None for an unknown name"
        raise ArgumentError(f"{logger!r} is not a logger", hint=hint)
    # In env local, the logger of a request has an output around that of the app.
    output, other = output.own, other.own
    seen: set[int] = set()
    waiting = [other]
    while waiting:
        each = waiting.pop()
        if each is output:
            names = f"{output.name} and {other.name}"
            raise ArgumentError(f"the loggers {names} would pass entries in circles")
        if id(each) not in seen and each.channels is not None:
            seen.add(id(each))
            channels = each.channels
            waiting += [*channels.redirects.values()]
            waiting += [target for target, _ in channels.duplicates.values()]
    return other
