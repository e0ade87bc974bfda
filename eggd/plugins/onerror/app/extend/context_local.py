"""In env local, each request keeps its log lines for its error page."""

from __future__ import annotations

import eggd
from eggd import Logger
from eggd.plugins.onerror.recording import Lines, recorded


class Context(eggd.Context):
    """A request that keeps its log lines."""

    _log_lines: Lines | None = None

    @property
    def log_lines(self) -> Lines:
        """The lines that this request has logged so far."""
        if self._log_lines is None:
            self._log_lines = Lines(self.started)
        return self._log_lines

    @property
    def logger(self) -> Logger:
        """The app's logger with this context's bracket."""
        return recorded(super().logger, self.log_lines)

    @property
    def core_logger(self) -> Logger:
        """The framework's logger with this context's bracket."""
        return recorded(super().core_logger, self.log_lines)

    def get_logger(self, name: str) -> Logger | None:
        """Returns the logger of that name with this context's bracket, or None."""
        logger = super().get_logger(name)
        return None if logger is None else recorded(logger, self.log_lines)
