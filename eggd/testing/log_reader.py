"""Reads from the app's log files the lines that were logged during a test (core:MOCK-9)."""

from __future__ import annotations

import re
from pathlib import Path

from eggd.app.base import BaseApplication
from eggd.errors import ArgumentError
from eggd.log import Logger
from eggd.testing.arguments import check_kind

__tracebackhide__ = True  # pytest shows the line of the test instead

_EXCERPT = 500
"""Characters at the end of a log that a failure shows."""

Expected = str | re.Pattern[str]


class LogReader:
    """The lines of app and agent since the test began, or since the last call of `since_now`."""

    def __init__(self, *parts: BaseApplication) -> None:
        self._parts = parts
        # The offset in each file at which reading begins.
        self._offsets: dict[Path, int] = {}
        for part in parts:
            self._mark(part.loggers.files())

    def since_now(self, logger: Logger | str = "logger") -> None:
        """Ignores the lines written up to now. `logger` is a Logger or its name."""
        self._mark([self._file(logger)])

    def expect(self, expected: Expected, logger: Logger | str = "logger") -> None:
        """Raises AssertionError unless a text or pattern is in a logger's lines."""
        check_kind("the expected text", expected, (str, re.Pattern), "text or a compiled pattern")
        file, text = self._read(logger)
        if not _contains(expected, text):
            raise AssertionError(
                f"{_display(expected)} is not in {file}, which ends with: ...{text[-_EXCERPT:]}"
            )

    def expect_not(self, unexpected: Expected, logger: Logger | str = "logger") -> None:
        """Raises AssertionError if a text or pattern is in a logger's lines."""
        check_kind(
            "the unexpected text", unexpected, (str, re.Pattern), "text or a compiled pattern"
        )
        file, text = self._read(logger)
        if _contains(unexpected, text):
            raise AssertionError(
                f"{_display(unexpected)} is in {file}, which ends with: ...{text[-_EXCERPT:]}"
            )

    def _mark(self, files: list[Path]) -> None:
        self._flush()
        for file in files:
            self._offsets[file] = file.stat().st_size if file.exists() else 0

    def _read(self, logger: Logger | str) -> tuple[Path, str]:
        self._flush()
        file = self._file(logger)
        with file.open("rb") as log:
            log.seek(self._offsets.get(file, 0))
            return file, log.read().decode(errors="replace")

    def _file(self, logger: Logger | str) -> Path:
        """Returns the file of a logger, or of the app's logger of that name."""
        named = self._parts[0].get_logger(logger) if isinstance(logger, str) else logger
        if not isinstance(named, Logger):
            hint = "add it to logger.custom_logger"
            raise ArgumentError(f"logger {logger!r} does not exist", hint=hint)
        return named.output.file.path

    def _flush(self) -> None:
        for part in self._parts:
            part.loggers.flush()


def _contains(expected: Expected, text: str) -> bool:
    return expected in text if isinstance(expected, str) else expected.search(text) is not None


def _display(expected: Expected) -> str:
    return repr(expected) if isinstance(expected, str) else f"/{expected.pattern}/"
