"""Logs each request after its answer."""

from __future__ import annotations

from collections.abc import Callable
from random import random

from eggd import Boot, Context, EggError, Logger, path_condition
from eggd.plugins.access_log.formats import FORMATS, Format, short, status_of
from eggd.plugins.access_log.section import AccessLogConfig


class AccessLogBoot(Boot):
    """Logs each request, from the first on."""

    def did_load(self) -> None:
        """Listens to the end of requests."""
        options: AccessLogConfig = self.config.access_log
        logger = self.app.get_logger("access_logger")
        if logger is None:
            raise EggError(
                "access_log: the logger access_logger is missing in logger.custom_logger"
            )
        # Text goes to the file by `writer`, in its own format; `info` shows it on the console.
        logger.disable("file")
        condition = path_condition(options.match, options.ignore, "access_log")
        self.app.on("response", AccessLog(logger, options, condition).log)


class AccessLog:
    """Writes the lines."""

    def __init__(
        self,
        logger: Logger,
        options: AccessLogConfig,
        condition: Callable[[Context], object] | None,
    ) -> None:
        self._logger = logger
        self._write = logger.writer()
        self._format: Format = FORMATS[options.format]
        self._sample = options.sample
        self._condition = condition
        # Whether some requests have no line.
        self._is_selective = condition is not None or options.sample < 1
        # Whether the console shows a line of each request, too.
        self._is_shown = False
        logger.watch_levels(self._follow_levels)
        self._follow_levels()

    def log(self, ctx: Context) -> None:
        """Logs one request, unless its path or the sample leaves it out."""
        if self._is_selective and not self._selects(ctx):
            return
        self._write(self._format(ctx))
        if self._is_shown:
            self._logger.bind(ctx.log_padding, ctx).info(short(ctx))

    def _selects(self, ctx: Context) -> bool:
        if self._condition is not None and not self._condition(ctx):
            return False
        return self._sample >= 1 or status_of(ctx) >= 500 or random() < self._sample

    def _follow_levels(self) -> None:
        self._is_shown = self._logger.is_on_console("INFO")
