"""The loggers of an app: Logbook's, with a short path into the buffer of a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import logbook

from eggd.errors import ArgumentError
from eggd.log.batch import LATE, checked
from eggd.log.channels import (
    BUILT_IN,
    Transport,
    check_transport,
    checked_target,
    level_name,
)
from eggd.log.entry import Entry, LogContext
from eggd.log.failure import headline
from eggd.log.handler_stack import STACK, has_handler, is_innermost
from eggd.log.levels import CRITICAL, DEBUG, ERROR, INFO, NONE, NUMBERS, WARN, parse_level
from eggd.log.output import Output, Padding
from eggd.log.record import Record, with_error
from eggd.log.text import one_line, render, with_errors

if TYPE_CHECKING:
    # Logbook is not typed: with its class as the base, type checkers would accept any attribute.
    class _LogbookLogger:
        def trace(self, *args: object, **kwargs: object) -> None: ...
        def notice(self, *args: object, **kwargs: object) -> None: ...
        def critical(self, *args: object, **kwargs: object) -> None: ...
        def call_handlers(self, record: object) -> None: ...
        def process_record(self, record: object) -> None: ...
else:

    class _LogbookLogger(logbook.Logger):
        # Requests make many loggers, and Logbook's own `__init__` sets what they do not use.
        __init__ = object.__init__


class Logger(_LogbookLogger):
    """A logger in printf style; an exception as first argument is shown in full, and so is another
    one without a place, or at ERROR.

    While eggd's handler is the innermost on Logbook's stack, a call formats directly into the line
    buffer. With other handlers, and for `exc_info`, `extra` or named arguments, a record passes
    Logbook's handlers and processors.
    """

    group = None
    """Logbook's group of loggers, which eggd does not use."""

    output: Output
    """The destinations; loggers of requests and children share it with that of the app."""
    # In front of the message, with a blank at the end.
    _prefix = ""
    # Returns the text before the prefix, such as the bracket of a request.
    _padding: Padding | None = None
    # Has the fields of the journal.
    _context: LogContext | None = None

    @property
    def name(self) -> str:
        """The name, under which `app.get_logger` finds it."""
        return self.output.name

    @property
    def handlers(self) -> list[logbook.Handler]:
        """Logbook's handlers of this logger and of those of its requests."""
        return self.output.handlers

    @handlers.setter
    def handlers(self, handlers: list[logbook.Handler]) -> None:
        self.output.handlers = handlers
        self.output.refresh()

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

    def debug(self, message: object = "", /, *args: object, **kwargs: object) -> None:
        """Logs at DEBUG."""
        if self.output.floor <= DEBUG:
            self._call(DEBUG, message, args, kwargs)

    def info(self, message: object = "", /, *args: object, **kwargs: object) -> None:
        """Logs at INFO."""
        if self.output.floor <= INFO:
            self._call(INFO, message, args, kwargs)

    def warn(self, message: object = "", /, *args: object, **kwargs: object) -> None:
        """Logs at WARN."""
        if self.output.floor <= WARN:
            self._call(WARN, message, args, kwargs)

    warning = warn

    def error(self, message: object = "", /, *args: object, **kwargs: object) -> None:
        """Logs at ERROR; the line is also in the file of all errors."""
        if self.output.floor <= ERROR:
            self._call(ERROR, message, args, kwargs)

    def exception(self, message: object = "", /, *args: object, **kwargs: object) -> None:
        """Logs at ERROR with the exception that is being handled."""
        if self.output.floor <= ERROR:
            self._call(ERROR, message, args, {"exc_info": sys.exc_info(), **kwargs})

    def write(self, *args: object) -> None:
        """Appends a line without date and level, in printf style, at any level but NONE (LOG-24).

        Control characters are escaped, and credentials masked, as in other lines.
        """
        if self.output.level < NONE:
            text = args[0] if len(args) == 1 and type(args[0]) is str else render(args)
            self.output.file.add(text if len(text) <= LATE else checked(text))

    def writer(self) -> Callable[[str], None]:
        """Returns a function that does what `write` does with one text, at less cost."""
        output, file = self.output, self.output.file
        lines, limit = file.lines, file.limit

        def write(line: str) -> None:
            if output.level < NONE:
                lines.append(line if len(line) <= LATE else checked(line))
                if len(lines) > limit or not file.is_awaited():
                    file.collected()

        return write

    def child(self, prefix: str) -> Logger:
        """Returns this logger with `[prefix] ` in front of each message."""
        logger = Logger()
        logger.output, logger._prefix = self.output, f"{self._prefix}[{prefix}] "
        logger._padding, logger._context = self._padding, self._context
        return logger

    def bind(self, padding: Padding, context: LogContext | None = None) -> Logger:
        """Returns this logger with the result of `padding()` in front of each message.

        The fields of `context` are in the journal and in JSON lines.
        """
        logger = Logger()
        logger.output, logger._prefix = self.output, self._prefix
        logger._padding, logger._context = self.output.padding(padding, context), context
        return logger

    def set(self, name: str, transport: Transport, level: str = "DEBUG") -> None:
        """Calls `transport(entry)` for each entry from `level` on (process:LOG-11).

        The names "file", "json_file" and "console" replace what this logger has under them. An
        exception of the transport is reported once. Errors of all loggers reach the transports of
        `error_logger`. Raises ArgumentError for what cannot be called.
        """
        if not callable(transport):
            raise ArgumentError(f"logger.set: {name!r}: must be a function, not {transport!r}")
        channels = self.output.use_channels()
        channels.transports[name] = (parse_level(level), transport)
        self.output.refresh()

    def get(self, name: str) -> Transport | None:
        """Returns the transport that `set` has added under this name, else None."""
        channels = self.output.channels
        return None if channels is None else channels.transports.get(name, (0, None))[1]

    def is_on_console(self, level: str) -> bool:
        """Returns whether lines of this level are shown on the console."""
        number = NUMBERS.get(level)
        return self.output.on_console(parse_level(level) if number is None else number)

    def watch_levels(self, changed: Callable[[], object]) -> None:
        """Calls `changed` whenever `level` or a result of `is_on_console` may have changed."""
        self.output.watchers.append(changed)

    def disable(self, name: str) -> None:
        """Switches a transport off; raises ArgumentError for an unknown name."""
        channels = self.output.use_channels()
        check_transport(name, channels.transports)
        channels.off.add(name)
        self.output.refresh()

    def enable(self, name: str) -> None:
        """Switches a transport on again; raises ArgumentError for an unknown name."""
        channels = self.output.use_channels()
        check_transport(name, channels.transports)
        channels.off.discard(name)
        self.output.refresh()

    def duplicate(self, level: str, other: Logger, excludes: Collection[str] = ()) -> None:
        """Passes the entries of one level to another logger, too, but not to the transports of it
        that `excludes` names.

        Only the first logger of a level counts. Raises ArgumentError if entries would run in
        circles, for an unknown transport, and for what is not a logger (process:LOG-52).
        """
        target = checked_target(self.output, other)
        theirs = target.channels
        for name in excludes:
            check_transport(name, BUILT_IN if theirs is None else theirs.transports)
        channels = self.output.use_channels()
        channels.duplicates.setdefault(level_name(level), (target, frozenset(excludes)))
        self.output.refresh()

    def redirect(self, level: str, other: Logger) -> None:
        """Passes the entries of one level to another logger instead.

        Only the first logger of a level counts. Raises ArgumentError if entries would run in
        circles, and for what is not a logger (process:LOG-52).
        """
        target = checked_target(self.output, other)
        channels = self.output.use_channels()
        channels.redirects.setdefault(level_name(level), target)
        self.output.refresh()

    def unduplicate(self, level: str) -> None:
        """Ends `duplicate` for one level."""
        self.output.use_channels().duplicates.pop(level_name(level), None)
        self.output.refresh()

    def unredirect(self, level: str) -> None:
        """Ends `redirect` for one level."""
        self.output.use_channels().redirects.pop(level_name(level), None)
        self.output.refresh()

    def log(
        self, level: int | str, message: object = "", /, *args: object, **kwargs: object
    ) -> None:
        """Logs at a level: a name in any case, or one of Logbook's numbers; WARN for others."""
        number = NUMBERS.get(level.upper() if isinstance(level, str) else level)
        if number is None:
            number, args = WARN, (*args, f"(unknown level {level!r})")
        if self.output.floor <= number:
            self._call(number, message, args, kwargs)

    def _log(self, level: int, args: tuple[object, ...], kwargs: dict[str, object]) -> None:
        """Logs for the methods of Logbook: `notice`, `critical`, `trace`."""
        message, *rest = args or ("",)
        self._call(level, message, tuple(rest), kwargs)

    def _call(
        self, level: int, message: object, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> None:
        try:
            output = self.output
            alone = STACK.innermost is output.capture or is_innermost(output.capture)
            if kwargs or output.handlers or not alone:
                self._record(level, (message, *args), kwargs)
                return
            # The common calls are spelled out: another frame costs a tenth of a line.
            if type(message) is str:
                text = message
                if args:
                    try:
                        text = message % args
                    except Exception:
                        text = render((message, *args))
            else:
                text = render((message, *args))
            if level >= ERROR:
                text = with_errors(text, (message, *args))
            if level >= output.entry_floor:
                self._put(level, text)
                return
            if self._prefix:
                text = self._prefix + text
            if self._padding is not None:
                text = f"{one_line(self._padding())} {text}"
            output.write(level, text)
        except Exception as exc:  # of a ctx, an argument or a handler of the app
            self._log_failure(level, (message, *args), exc)

    def _log_failure(self, level: int, args: tuple[object, ...], exc: Exception) -> None:
        """Logs the message of a call that raised, without its context, and what it raised."""
        with suppress(Exception):
            text = f"{self._prefix}{render(args)} (the log call fails: {headline(exc)})"
            self.output.put(level, text)

    def _record(self, level: int, args: tuple[object, ...], kwargs: dict[str, object]) -> None:
        exc_info = _exc_info(kwargs.pop("exc_info", None))
        extra = kwargs.pop("extra", None)
        kwargs.pop("frame_correction", None)
        message, *rest = args or ("",)
        if isinstance(message, BaseException):
            exc_info = (type(message), message, message.__traceback__)
            message, rest, kwargs = headline(message), [], {}
        if extra is not None and not isinstance(extra, Mapping):
            rest, extra = [*rest, render(("extra=%r", extra))], None
        record = Record(self.name, level, message, tuple(rest), kwargs, exc_info, extra, None, self)
        record.put = partial(self._put, extra=extra) if isinstance(extra, Mapping) else self._put
        try:
            self._hand_over(record)
        finally:
            record.late = True
            if not record.keep_open:
                record.close()

    def _hand_over(self, record: Record) -> None:
        if not self.handlers and not has_handler():
            record.put(record.level, with_error(str(record.message), record.exc_info))
        else:
            self.call_handlers(record)

    def _put(self, level: int, text: str, extra: Mapping[str, object] | None = None) -> None:
        padding = "" if self._padding is None else one_line(self._padding())
        message = self._prefix + text
        entry = Entry(level, "", message, padding, self._context, extra or {})
        self.output.put(level, f"{padding} {message}" if padding else message, entry)


def _exc_info(value: object) -> object:
    """Returns what `exc_info` of a call stands for, as in the standard library's logging."""
    if isinstance(value, BaseException):
        return (type(value), value, value.__traceback__)
    if value and not (isinstance(value, tuple) and len(value) == 3):
        value = sys.exc_info()
    return value if isinstance(value, tuple) and value and value[1] is not None else None
