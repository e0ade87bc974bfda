"""The loggers of an app: Logbook's, with a short path into the buffer of a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import logbook

from eggd.log.failure import headline
from eggd.log.levels import CRITICAL, DEBUG, ERROR, INFO, WARN, parse_level
from eggd.log.output import Output
from eggd.log.record import Capture, Record, with_error
from eggd.log.text import one_line, render

Padding = Callable[[], str]
"""Returns the text in front of a message, such as the request of a context."""

_handlers = logbook.Handler.stack_manager.iter_context_objects


if TYPE_CHECKING:
    # Logbook is not typed: with its class as the base, type checkers would accept any attribute.
    class _LogbookLogger:
        def trace(self, *args: object, **kwargs: object) -> None: ...
        def notice(self, *args: object, **kwargs: object) -> None: ...
        def critical(self, *args: object, **kwargs: object) -> None: ...
        def log(self, level: int | str, *args: object, **kwargs: object) -> None: ...
        def call_handlers(self, record: object) -> None: ...
        def process_record(self, record: object) -> None: ...
else:
    _LogbookLogger = logbook.Logger


class Logger(_LogbookLogger):
    """A logger in printf style; an exception as first argument is shown in full.

    While eggd's handler is the innermost on Logbook's stack, a call formats directly into the line
    buffer. With other handlers, and for `exc_info`, `extra` or named arguments, a record passes
    Logbook's handlers and processors.
    """

    def __init__(
        self,
        name: str,
        output: Output,
        capture: Capture,
        prefix: str = "",
        padding: Padding | None = None,
    ) -> None:
        self.name = name
        # Attributes of Logbook, whose `__init__` is not called.
        self.handlers: list[logbook.Handler] = []
        self.group = None
        self.output = output
        self._capture = capture
        # In front of the message, with a blank at the end.
        self._prefix = prefix
        self._padding = padding

    @property
    def level(self) -> int:
        """The lowest level that is written anywhere, as Logbook's number."""
        return self.output.floor

    @level.setter
    def level(self, level: int | str) -> None:
        self.output.level = parse_level(level) if isinstance(level, str) else level
        self.output.refresh()

    @property
    def disabled(self) -> bool:
        """True if no level is written anywhere."""
        return self.output.floor > CRITICAL

    def debug(self, *args: object, **kwargs: object) -> None:
        """Logs at DEBUG."""
        if self.output.floor <= DEBUG:
            self._log(DEBUG, args, kwargs)

    def info(self, *args: object, **kwargs: object) -> None:
        """Logs at INFO."""
        if self.output.floor <= INFO:
            self._log(INFO, args, kwargs)

    def warn(self, *args: object, **kwargs: object) -> None:
        """Logs at WARN."""
        if self.output.floor <= WARN:
            self._log(WARN, args, kwargs)

    warning = warn

    def error(self, *args: object, **kwargs: object) -> None:
        """Logs at ERROR; the line is also in the file of all errors."""
        if self.output.floor <= ERROR:
            self._log(ERROR, args, kwargs)

    def exception(self, *args: object, **kwargs: object) -> None:
        """Logs at ERROR with the exception that is being handled."""
        if self.output.floor <= ERROR:
            self._log(ERROR, args, {"exc_info": sys.exc_info(), **kwargs})

    def write(self, line: str) -> None:
        """Appends `line` without date and level, unescaped: the caller must check its content."""
        if not self.disabled:
            self.output.file.add(f"{line}\n")

    def child(self, prefix: str) -> Logger:
        """Returns this logger with `[prefix] ` in front of each message."""
        text = f"{self._prefix}[{prefix}] "
        return Logger(self.name, self.output, self._capture, text, self._padding)

    def bind(self, padding: Padding) -> Logger:
        """Returns this logger with the result of `padding()` in front of each message."""
        return Logger(self.name, self.output, self._capture, self._prefix, padding)

    def _log(self, level: int, args: tuple[object, ...], kwargs: dict[str, object]) -> None:
        if kwargs or self.handlers or next(_handlers(), None) is not self._capture:
            self._record(level, args, kwargs)
            return
        # The common calls are spelled out: another frame costs a tenth of a line.
        if args and type(args[0]) is str:
            text = args[0]
            if len(args) > 1:
                try:
                    text %= args[1:]
                except Exception:
                    text = render(args)
        else:
            text = render(args)
        if self._padding is not None:
            text = f"{one_line(self._padding())} {self._prefix}{text}"
        elif self._prefix:
            text = self._prefix + text
        self.output.put(level, text)

    def _record(self, level: int, args: tuple[object, ...], kwargs: dict[str, object]) -> None:
        exc_info = _exc_info(kwargs.pop("exc_info", None))
        extra = kwargs.pop("extra", None)
        kwargs.pop("frame_correction", None)
        message, *rest = args or ("",)
        if isinstance(message, BaseException):
            exc_info = (type(message), message, message.__traceback__)
            message, rest, kwargs = headline(message), [], {}
        record = Record(self.name, level, message, tuple(rest), kwargs, exc_info, extra, None, self)
        record.put = self._put
        try:
            self._hand_over(record)
        finally:
            record.late = True
            if not record.keep_open:
                record.close()

    def _hand_over(self, record: Record) -> None:
        alone = next(_handlers(), None)
        if alone is None and not self.handlers:
            self._put(record.level, with_error(str(record.message), record.exc_info))
        else:
            self.call_handlers(record)

    def _put(self, level: int, text: str) -> None:
        padding = "" if self._padding is None else f"{one_line(self._padding())} "
        self.output.put(level, f"{padding}{self._prefix}{text}")


def _exc_info(value: object) -> object:
    if value is True:
        value = sys.exc_info()
    if isinstance(value, BaseException):
        return (type(value), value, value.__traceback__)
    return value if isinstance(value, tuple) and value[1] is not None else None
