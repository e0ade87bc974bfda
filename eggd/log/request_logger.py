"""The logger of a request: most of its lines go the shortest way, into the buffer of a file."""

from __future__ import annotations

import time
from collections.abc import Callable

from eggd.log.batch import LATE, checked
from eggd.log.entry import LineContext
from eggd.log.handler_stack import STACK
from eggd.log.logger import Logger
from eggd.log.text import render

_time = time.time


class RequestLogger(Logger):
    """A logger whose lines begin with the bracket of a ctx; `within` makes it.

    It has two attributes only, as each access to `ctx.logger` makes one.
    """

    context: LineContext

    @property
    def _context(self) -> LineContext:  # type: ignore[override]
        return self.context

    @property
    def _padding(self) -> Callable[[], str]:  # type: ignore[override]
        return self.context.log_padding

    def _call(
        self, level: int, message: object, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> None:
        output = self.output
        if (
            kwargs
            or level >= output.short_end
            or STACK.innermost is not output.capture
            or output.handlers
        ):
            super()._call(level, message, args, kwargs)
            return
        # The rest is what `Logger` and `Output` do, spelled out: a frame costs a tenth of a line.
        try:
            if type(message) is not str:
                text = render((message, *args))
            elif args:
                text = _formatted(message, args)
            else:
                text = message
            if len(text) > LATE:
                text = checked(text)
            now = _time()
            clock = output.clock
            date = clock.text if clock.start <= now < clock.end else clock.turn(now)
            file = output.file
            file.lines.append(self.context.log_line(date, output.tails[level], text))
        except Exception as exc:  # of a ctx, or of an argument
            self._log_failure(level, (message, *args), exc)
        else:
            output.records[level] += 1
            file.collected()


def _formatted(message: str, args: tuple[object, ...]) -> str:
    try:
        return message % args
    except Exception:
        return render((message, *args))


def within(logger: Logger, context: LineContext) -> Logger:
    """Returns a logger with the bracket of `context` in front of each message: the same as
    `logger.bind(context.log_padding, context)`, and cheaper."""
    output = logger.output
    if output.padder is not None:
        return logger.bind(context.log_padding, context)
    own = RequestLogger()
    own.output = output
    own.context = context
    return own
