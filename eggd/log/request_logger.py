"""The logger of a request: most of its lines go the shortest way, into the buffer of a file."""

from __future__ import annotations

import time
from collections.abc import Callable

from eggd.log.batch import LATE, checked
from eggd.log.entry import LineContext
from eggd.log.handler_stack import STACK
from eggd.log.levels import DEBUG, INFO, WARN
from eggd.log.logger import Logger
from eggd.log.text import render

_counter = time.perf_counter


def _method(level: int) -> Callable[..., None]:
    """Returns the method of a level.

    It does what `Logger` and `Output` do, spelled out, as each frame costs a tenth of a line.
    """

    def log(self: RequestLogger, message: object = "", /, *args: object, **kwargs: object) -> None:
        output = self.output
        if level < output.floor:
            return
        is_long = kwargs or level >= output.short_end or output.handlers
        if is_long or STACK.innermost is not output.capture:
            self._call(level, message, args, kwargs)
            return
        try:
            if type(message) is not str:
                text = render((message, *args))
            elif args:
                try:
                    text = message % args
                except Exception:
                    text = render((message, *args))
            else:
                text = message
            if len(text) > LATE:
                text = checked(text)
            now, clock, file = _counter(), output.clock, output.file
            date = clock.text if now < clock.end else clock.turn(now)
            lines = file.lines
            lines.append(self.context.log_line(date, output.tails[level], now, text))
        except Exception as exc:  # of a ctx, or of an argument
            self._log_failure(level, (message, *args), exc)
            return
        output.records[level] += 1
        if not file.is_armed or len(lines) > file.limit or not file.is_running():
            file.collected()

    return log


class RequestLogger(Logger):
    """A logger whose lines begin with the bracket of a ctx.

    It has two attributes only, as each access to `ctx.logger` makes one.
    """

    context: LineContext

    debug = _method(DEBUG)
    info = _method(INFO)
    warn = warning = _method(WARN)

    @property
    def _context(self) -> LineContext:  # type: ignore[override]
        return self.context

    @property
    def _padding(self) -> Callable[[], str]:  # type: ignore[override]
        return self.output.padding(self.context.log_padding, self.context)


def within(logger: Logger, context: LineContext) -> Logger:
    """Returns a logger with the bracket of `context` in front of each message: the same as
    `logger.bind(context.log_padding, context)`, and cheaper."""
    own = RequestLogger()
    own.output = logger.output
    own.context = context
    return own
