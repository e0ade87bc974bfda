"""The section `logger` of the config: which files, which levels, how long lines may wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from eggd.errors import ConfigError
from eggd.log.levels import LEVELS, parse_level


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomLogger:
    """One more logger, `app.loggers.get(name)`; what it leaves open is as in `logger`."""

    file: str = ""
    """Its file; a relative one is below `logger.dir`. Must be given."""
    level: str | None = None
    """The least level its file gets."""
    console_level: str | None = None
    """The least level the console gets from it."""
    concentrate_error: Literal["duplicate", "redirect", "ignore"] = "duplicate"
    """Errors go to its file and to `error_log_name` (duplicate), only there, or only to its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggerConfig:
    """Files, levels and buffering of the loggers."""

    dir: str = ""
    """Directory of the log files, absolute. A process sets it to LOGS_DIRECTORY, else to `logs` in
    the app, unless the config does."""
    level: str = "INFO"
    """The least level that files get: DEBUG, INFO, WARN, ERROR or NONE, in any case."""
    console_level: str | None = None
    """The least level the console gets of app lines. None: WARN in the journal and in unittest,
    INFO on a terminal, and in local if a supervisor shows the lines on one."""
    core_console_level: str | None = None
    """The least level the console gets of the framework's and the agent's lines. None: INFO, but
    WARN in unittest, and in local where the console is no journal."""
    buffer: bool = True
    """Let lines wait for the next flush instead of writing each at once."""
    flush_interval: Annotated[float, "seconds"] = 1.0
    """Seconds a line waits at most."""
    max_buffer_length: int = 1000
    """Lines of one file that wait at most; one more and they are written at once."""
    app_log_name: str = ""
    """File of `app.logger`. Empty: `<name>-web.log`."""
    core_log_name: str = "egg-web.log"
    """File of `app.core_logger`."""
    agent_log_name: str = "egg-agent.log"
    """File of both loggers of the agent."""
    error_log_name: str = "common-error.log"
    """File that gets every error of every logger."""
    allow_debug_at_prod: bool = False
    """Without it level DEBUG means INFO in prod."""
    custom_logger: dict[str, CustomLogger] = field(default_factory=dict)
    """More loggers by name."""

    def __post_init__(self) -> None:
        _check("logger.level", self.level)
        _check("logger.console_level", self.console_level)
        _check("logger.core_console_level", self.core_console_level)
        if self.max_buffer_length < 1:
            raise ConfigError(
                f"logger.max_buffer_length must be 1 or more, not {self.max_buffer_length!r}"
            )
        for name, custom in self.custom_logger.items():
            key = f"logger.custom_logger.{name}"
            if not custom.file:
                raise ConfigError(f"{key}.file must be given")
            _check(f"{key}.level", custom.level)
            _check(f"{key}.console_level", custom.console_level)

    def path(self, file: str) -> Path:
        """Returns where `file` is; raises ConfigError while no absolute `dir` is known."""
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
    if level is not None and parse_level(level) is None:
        raise ConfigError(f"{key} must be one of {', '.join(LEVELS)}, not {level!r}")
