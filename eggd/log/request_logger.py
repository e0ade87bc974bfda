"""The loggers of requests: most of their lines go the shortest way, into the buffer of a file.

A line takes 4 ns for each instruction of Python, whatever that does: it runs once among many
others, which the processor predicts badly. So each output has a class of its own, whose methods
know its file, clock and levels, and are replaced when one of them changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from eggd.log.batch import LATE, checked
from eggd.log.entry import LineContext
from eggd.log.handler_stack import STACK
from eggd.log.levels import DEBUG, INFO, WARN
from eggd.log.logger import Logger
from eggd.log.output import Output

_counter = time.perf_counter

_METHODS = {"debug": DEBUG, "info": INFO, "warn": WARN, "warning": WARN}

Method = Callable[..., None]


class RequestLogger(Logger):
    """A logger whose lines begin with the bracket of a ctx."""

    context: LineContext
    """The ctx, set by the creator: each access to `ctx.logger` makes a logger."""

    @property
    def _context(self) -> LineContext:  # type: ignore[override]
        return self.context

    @property
    def _padding(self) -> Callable[[], str]:  # type: ignore[override]
        return self.output.padding(self.context.log_padding, self.context)


def request_logger(output: Output) -> type[RequestLogger]:
    """Returns the class of the loggers of requests that write to `output`."""
    cls = type("RequestLogger", (RequestLogger,), {"output": output, "__doc__": Logger.__doc__})

    def choose() -> None:
        output.count_entries()
        output.tallies.clear()
        for name, level in _METHODS.items():
            setattr(cls, name, _method(output, level, getattr(Logger, name)))

    output.watchers.append(choose)
    choose()
    return cls


def _method(output: Output, level: int, usual: Method) -> Method:
    """Returns the shortest method of a level; only `usual` serves Logbook's handlers, the console
    and formats of the app."""
    if level < output.floor:
        return _nothing
    if level >= output.short_end or STACK.innermost is not output.capture:
        return usual
    return _short(output, level)


def _nothing(self: Logger, message: object = "", /, *args: object, **kwargs: object) -> None:
    """Logs nothing: the level is off."""


def _short(output: Output, level: int) -> Method:
    """Returns a method that does what those of `Logger` and `Output` do, spelled out."""
    file, clock, handlers = output.file, output.clock, output.handlers
    lines, limit, tail = file.lines, file.limit, output.tails[level]
    # The beginning of lines until `end`, and the entries since the last tally.
    head, end, count = "", 0.0, 0

    def log(self: RequestLogger, message: object = "", /, *args: object, **kwargs: object) -> None:
        nonlocal head, end, count
        if kwargs or handlers:
            self._call(level, message, args, kwargs)
            return
        try:
            text = message % args if args else message  # type: ignore[operator]
            if type(text) is not str:
                self._call(level, message, args, kwargs)
                return
            text = checked(text) if len(text) > LATE else text
            now = _counter()
            if now >= end:
                head, end = f"{clock.turn(now)}{tail}", clock.end
            lines.append(self.context.log_line(head, now, text))
        except Exception:  # arguments that do not fit; an error of a ctx, or of an argument
            self._call(level, message, args, kwargs)
            return
        count += 1
        if len(lines) > limit or not file.is_awaited():
            file.collected()

    def tally() -> int:
        nonlocal count
        entries, count = count, 0
        return entries

    output.tallies.append((level, tally))
    return log
