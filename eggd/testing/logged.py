"""What an app has logged during a test, read from its log files (core:MOCK-9)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from eggd.app.base import BaseApplication
from eggd.errors import EggError

__tracebackhide__ = True  # a test that fails here failed in its own line

_SHOWN = 500
"""Last characters of a log that a failure shows."""

Wanted = str | re.Pattern[str]


class Logged:
    """The lines since the test began, or since `since_now`; of app and agent."""

    def __init__(self, *parts: BaseApplication) -> None:
        self._parts = parts
        self._from: dict[Path, int] = {}
        for part in parts:
            self._mark(part.loggers.files())

    def since_now(self, logger: Any = "logger") -> None:
        """Lets only what is logged from here on count, for one logger or its name."""
        self._mark([self._file(logger)])

    def expect(self, wanted: Wanted, logger: Any = "logger") -> None:
        """Raises AssertionError unless a text, or a match of a pattern, is in a logger's lines."""
        file, text = self._read(logger)
        if not _found(wanted, text):
            raise AssertionError(
                f"Can't find {_kind(wanted)} in {file}, log content: ...{text[-_SHOWN:]}"
            )

    def refuse(self, wanted: Wanted, logger: Any = "logger") -> None:
        """Raises AssertionError if it is there."""
        file, text = self._read(logger)
        if _found(wanted, text):
            raise AssertionError(
                f"Find {_kind(wanted)} in {file}, log content: ...{text[-_SHOWN:]}"
            )

    def _mark(self, files: list[Path]) -> None:
        self._flush()
        for file in files:
            self._from[file] = file.stat().st_size if file.exists() else 0

    def _read(self, logger: Any) -> tuple[Path, str]:
        self._flush()
        file = self._file(logger)
        with file.open("rb") as log:
            log.seek(self._from.get(file, 0))
            return file, log.read().decode(errors="replace")

    def _file(self, logger: Any) -> Path:
        """Returns the file of a logger, or of the app's logger of that name."""
        found = self._parts[0].get_logger(logger) if isinstance(logger, str) else logger
        if found is None:
            raise EggError(f"no logger is called {logger!r}", hint="logger.custom_logger names it")
        file: Path = found.output.file.path
        return file

    def _flush(self) -> None:
        for part in self._parts:
            part.loggers.flush()


def _found(wanted: Wanted, text: str) -> bool:
    return wanted in text if isinstance(wanted, str) else wanted.search(text) is not None


def _kind(wanted: Wanted) -> str:
    return f'String:"{wanted}"' if isinstance(wanted, str) else f'RegExp:"/{wanted.pattern}/"'
