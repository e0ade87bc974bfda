"""Logbook's records: of libraries, and of eggd's loggers if an app pushed a Logbook handler."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable
from typing import TextIO

import logbook
from logbook.compat import RedirectLoggingHandler

from eggd.log.failure import report
from eggd.log.levels import INFO, STDLIB, WARN
from eggd.log.text import render

Put = Callable[[int, str], None]


class Record(logbook.LogRecord):  # type: ignore[misc]
    """A record of a logger of eggd, in printf style like its calls."""

    put: Put
    """Writes the line when it reaches `Capture`."""

    def _format_message(self, msg: str, *args: object, **kwargs: object) -> str:
        return render((msg, *args, kwargs) if kwargs else (msg, *args))


class Capture(logbook.Handler):  # type: ignore[misc]
    """The only handler that eggd puts on Logbook's stack.

    Records of eggd's loggers go to the destinations of their logger, all others to `foreign`, with
    the name of their channel in front.
    """

    def __init__(self, foreign: Put) -> None:
        super().__init__()
        # Writes lines of libraries.
        self._foreign = foreign
        # Restored by `remove`.
        self._showwarning = warnings.showwarning
        self._stdlib = RedirectLoggingHandler()

    def emit(self, record: logbook.LogRecord) -> None:
        """Writes `record`."""
        text = with_error(str(record.message), record.exc_info)
        if isinstance(record, Record):
            record.put(record.level, text)
        else:
            self._foreign(record.level, f"[{record.channel}] {text}")

    def install(self) -> None:
        """Becomes the lowest handler on Logbook's stack, and captures logging and warnings."""
        self.push_application()
        logging.root.addHandler(self._stdlib)
        self.set_level(INFO)
        warnings.showwarning = _warn

    def remove(self) -> None:
        """Undoes `install`."""
        warnings.showwarning = self._showwarning
        logging.root.removeHandler(self._stdlib)
        logging.root.setLevel(logging.WARNING)
        self.pop_application()

    def set_level(self, level: int) -> None:
        """Sets the level below which the standard library creates no records."""
        logging.root.setLevel(STDLIB.get(level, logging.CRITICAL))


def with_error(text: str, exc_info: object) -> str:
    """Returns `text` and, below it, the exception of Logbook's or logging's `exc_info`."""
    exc = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if not isinstance(exc, BaseException):
        return text
    details = report(exc)
    return details if not text or details.startswith(text) else f"{text}\n{details}"


_place = re.compile(r'^  File "(.+)", line (\d+), in ', re.MULTILINE).findall
"""Finds the file and line of each frame in a traceback."""


def _warn(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    text, _, created = str(message).partition("\nCoroutine created at")
    # In env local (plugin development), Python knows where a coroutine was created.
    for file_name, number in _place(created)[-1:]:
        filename, lineno = file_name, int(number)
    text = f"{text} ({filename}:{lineno})"
    logbook.dispatch_record(logbook.LogRecord(category.__name__, WARN, text))
