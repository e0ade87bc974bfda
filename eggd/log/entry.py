"""One call of a logger, for formatters, transports, JSON files and the journal (process:LOG-25)."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Protocol

from eggd.log.levels import NAMES
from eggd.log.text import LineClock
from eggd.masking.known import without_known
from eggd.masking.redact import is_secret
from eggd.wire.terminal import visible_json

_NOTHING: Mapping[str, object] = {}
_CLOCK = LineClock()


class LogContext(Protocol):
    """The members of a ctx that its log lines use."""

    def log_padding(self) -> str:
        """Returns the text in front of each message."""
        ...

    def log_fields(self) -> dict[str, str]:
        """Returns the fields of the request in the journal."""
        ...


class LineContext(LogContext, Protocol):
    """A ctx that formats its lines."""

    def log_line(self, head: str, now: float, text: str) -> str:
        """Returns a line: `head`, `log_padding()` in one line, and the text.

        `head` is the date, the level and the process, `now` is `time.perf_counter()`.
        """
        ...


class Entry:
    """One call of a logger."""

    __slots__ = (
        "context",
        "extra",
        "iso",
        "logger",
        "message",
        "number",
        "padding",
        "text",
        "time",
    )

    def __init__(
        self,
        number: int,
        text: str,
        message: str,
        padding: str = "",
        context: LogContext | None = None,
        extra: Mapping[str, object] = _NOTHING,
    ) -> None:
        self.number = number
        """The level as Logbook's number."""
        self.text = text
        """The padding and the message, escaped, credentials masked."""
        self.message = message
        """The message without the padding."""
        self.padding = padding
        """The text in front of the message, such as the bracket of a ctx, or ""."""
        self.context = context
        """The ctx, None outside of a request."""
        self.extra = extra
        """The fields that the caller gives as `extra={...}`."""
        self.logger = ""
        """The name of the logger."""
        self.time = time.time()
        """Seconds since the epoch."""
        self.iso = False
        """Whether `date` is in ISO 8601."""

    @property
    def level(self) -> str:
        """The name of the level: DEBUG, INFO, WARN or ERROR."""
        return NAMES[self.number]

    @property
    def date(self) -> str:
        """The time as lines show it: `2026-01-31 22:13:20,999`, or in ISO 8601, UTC (LOG-23)."""
        if self.iso:
            moment = datetime.fromtimestamp(self.time, UTC)
            return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
        return _CLOCK.format(self.time)[:-1]

    @property
    def pid(self) -> int:
        """The process id."""
        return os.getpid()

    @property
    def hostname(self) -> str:
        """The name of the host."""
        return socket.gethostname()

    @property
    def ctx(self) -> LogContext | None:
        """The same as `context`, under the name that formatters of Egg use."""
        return self.context

    @property
    def padding_message(self) -> str:
        """The same as `padding`, under the name that formatters of Egg use."""
        return self.padding

    def line(self) -> str:
        """Returns the entry as a line of text without its line break (process:LOG-20, LOG-21)."""
        return f"{self.date} {self.level} {self.pid} {self.text}"

    def as_json(self) -> str:
        """Returns the entry as a line of JSON without its line break (process:LOG-40).

        The ctx is not in it, but the trace of its request is.
        """
        data: dict[str, object] = {
            "level": self.level,
            "date": self.date,
            "pid": self.pid,
            "hostname": self.hostname,
            "message": self.message,
        }
        if self.padding:
            data["padding_message"] = self.padding
        if trace := self._trace_id():
            data["trace_id"] = trace
        data |= {key: value for key, value in _named(self.extra, 0).items() if key not in data}
        return without_known(visible_json(data, indent=None))

    def _trace_id(self) -> str:
        """Returns the trace of the request, "" without one."""
        if self.context is None:
            return ""
        try:
            return self.context.log_fields().get("TRACE_ID", "")
        except Exception:  # of an app's own ctx: logging never raises
            return ""


_DEEPEST = 8
"""Levels of the values of `extra` that are kept; deeper ones are text."""


def _named(fields: Mapping[object, object] | Mapping[str, object], depth: int) -> dict[str, object]:
    """Returns fields as JSON data; the values of secret keys are masked."""
    return {
        str(key): "***" if is_secret(str(key)) else _plain(value, depth + 1)
        for key, value in fields.items()
    }


def _plain(value: object, depth: int) -> object:
    """Returns a value as JSON data; one that JSON cannot express is text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else None
    try:
        if depth < _DEEPEST and isinstance(value, Mapping):
            return _named(value, depth)
        if depth < _DEEPEST and isinstance(value, list | tuple):
            return [_plain(each, depth + 1) for each in value]
        return str(value)
    except Exception:
        return f"<{type(value).__qualname__}>"
