"""The section `logger` of the config: files, levels and buffering."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from eggd.errors import ConfigError
from eggd.log.levels import parse_level


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomLogger:
    """An additional logger, `app.loggers.get(name)`; unset options are those of `logger`."""

    file: str = ""
    """Its file, required; a relative one is below `logger.dir`."""
    level: str | None = None
    """The lowest level that is written to its file."""
    console_level: str | None = None
    """The lowest level that it writes to the console."""
    concentrate_error: Literal["duplicate", "redirect", "ignore"] = "duplicate"
    """Errors go to both its file and `error_log_name` (duplicate), to the latter (redirect), or to
    its file (ignore)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggerConfig:
    """Files, levels and buffering of the loggers."""

    dir: str = ""
    """Directory of the log files, absolute. Default: LOGS_DIRECTORY of the unit, else `logs` in
    the app."""
    level: str = "INFO"
    """The lowest level that is written to files: DEBUG, INFO, WARN, ERROR or NONE, in any case."""
    console_level: str | None = None
    """The lowest level of app lines on the console. None: WARN in the journal and in unittest,
    INFO on a terminal, and in local if a supervisor shows the lines on one."""
    core_console_level: str | None = None
    """The lowest level of lines of the framework and the agent on the console. None: INFO, but
    WARN in unittest, and in local if the console is not the journal."""
    buffer: bool = True
    """Collect lines until the next flush instead of writing each at once."""
    flush_interval: Annotated[float, "seconds"] = 1.0
    """The most seconds that a line waits."""
    max_buffer_length: int = 1000
    """The most lines of one file that wait; one more, and all are written at once."""
    app_log_name: str = ""
    """File of `app.logger`. Empty: `<name>-web.log`."""
    core_log_name: str = "egg-web.log"
    """File of `app.core_logger`."""
    agent_log_name: str = "egg-agent.log"
    """File of both loggers of the agent."""
    error_log_name: str = "common-error.log"
    """File of the errors of all loggers."""
    allow_debug_at_prod: bool = False
    """Allow level DEBUG in prod, where it means INFO by default."""
    custom_logger: dict[str, CustomLogger] = field(default_factory=dict)
    """Additional loggers by name."""

    def __post_init__(self) -> None:
        for name in ("level", "console_level", "core_console_level"):
            _check(f"logger.{name}", getattr(self, name))
        if self.max_buffer_length < 1:
            raise ConfigError(
                f"logger.max_buffer_length must be 1 or more, not {self.max_buffer_length!r}"
            )
        for name, custom in self.custom_logger.items():
            key = f"logger.custom_logger.{name}"
            if not custom.file:
                raise ConfigError(f"{key}.file is missing")
            _check(f"{key}.level", custom.level)
            _check(f"{key}.console_level", custom.console_level)

    def path(self, file: str) -> Path:
        """Returns the path of `file`; raises ConfigError unless `dir` is absolute."""
        path = Path(self.dir, file)
        if not path.is_absolute():
            raise ConfigError(f"logger.dir must be an absolute path, not {self.dir!r}")
        return path

    def app_file(self, name: str) -> Path:
        """Returns the file of the logger of the app called `name`."""
        return self.path(self.app_log_name or f"{name}-web.log")

    def files(self, name: str) -> list[Path]:
        """Returns every file that any process of the app called `name` logs to, each once."""
        return list(dict.fromkeys(self._files(name)))

    def _files(self, name: str) -> Iterator[Path]:
        yield self.app_file(name)
        yield self.path(self.core_log_name)
        yield self.path(self.agent_log_name)
        yield self.path(self.error_log_name)
        for custom in self.custom_logger.values():
            yield self.path(custom.file)


def _check(key: str, level: str | None) -> None:
    if level is not None:
        parse_level(level, key)
