"""Keeps the log lines of one request, in env local."""

from __future__ import annotations

from time import perf_counter
from typing import Protocol, cast

from eggd import Logger

MOST = 200
"""Lines that are kept of one request: the first and the last half of them."""
LONGEST = 2_000
"""Characters that are shown of a line; twice as many are kept."""


class _Output(Protocol):
    def put(self, level: int, text: str, *entry: object) -> None: ...


class Line:
    """One log line."""

    __slots__ = ("level", "spent", "text")

    def __init__(self, level: int, spent: float, text: str) -> None:
        self.level = level
        """Logbook's number of the level."""
        self.spent = spent
        """Seconds since the request began."""
        self.text = text


class Lines:
    """The log lines of one request."""

    def __init__(self, began: float) -> None:
        self._began = began
        self.lines: list[Line] = []
        self.is_paused = False
        """Whether lines are passed over: those about an error, which its page shows in full."""
        self.dropped = 0
        """The lines that were dropped, from the middle."""

    def add(self, level: int, text: str) -> None:
        """Keeps a line, cut; it is masked later, and the head of a secret is one, too."""
        if self.is_paused:
            return
        self.lines.append(Line(level, perf_counter() - self._began, text[: 2 * LONGEST]))
        if len(self.lines) > MOST:
            del self.lines[MOST // 2]
            self.dropped += 1


class _Recorder:
    """An output of a logger that also keeps the lines."""

    def __init__(self, output: _Output, lines: Lines) -> None:
        self._output = output
        self._lines = lines

    def put(self, level: int, text: str, *entry: object) -> None:
        """Writes and keeps a line."""
        self._lines.add(level, text)
        self._output.put(level, text, *entry)

    def __getattr__(self, name: str) -> object:
        return getattr(self._output, name)


def recorded(logger: Logger, lines: Lines) -> Logger:
    """Returns the logger of one context, which also adds to `lines`."""
    vars(logger)["output"] = _Recorder(cast("_Output", logger.output), lines)
    return logger
