"""The section `logger` of the config: files, levels and buffering."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Literal

from eggd.calling import check_function
from eggd.errors import ConfigError
from eggd.log.levels import parse_level
from eggd.ranges import Between


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
    output_json: bool | None = None
    """Also write JSON lines: `pay.log` has `pay.json.log` beside it."""
    output_json_only: bool | None = None
    """Write JSON lines instead of text."""
    date_iso_format: bool | None = None
    """Show dates in ISO 8601, UTC."""
    formatter: Callable[..., object] | None = None
    """`formatter(entry)` returns a line."""
    context_formatter: Callable[..., object] | None = None
    """The same for lines within a request."""


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
    flush_interval: Annotated[float, "seconds", Between(0, 3600)] = 1.0
    """The most seconds that a line waits."""
    max_buffer_length: Annotated[int, Between(1, 1_000_000)] = 1000
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
    encoding: str = "utf-8"
    """Encoding of the log files, one that keeps ASCII: "gbk", "latin-1". A character
    that it lacks is escaped."""
    flush: Literal["interval", "request"] = "interval"
    """When lines of a request are written: before its answer is sent, in one write for all requests
    of one turn of the loop ("request"), or after `flush_interval` at most ("interval"), so that a
    worker that is killed loses lines of requests that it has answered."""
    output_json: bool = False
    """Also write JSON lines: `shop-web.log` has `shop-web.json.log` beside it."""
    output_json_only: bool = False
    """Write JSON lines instead of text."""
    date_iso_format: bool = False
    """Show dates in ISO 8601, UTC: `2026-01-31T21:13:20.999Z`."""
    formatter: Callable[..., object] | None = None
    """`formatter(entry)` returns a line, without its line break."""
    context_formatter: Callable[..., object] | None = None
    """The same for lines within a request; None: as all others."""
    padding_message_formatter: Callable[..., object] | None = None
    """`padding_message_formatter(ctx)` returns the text in front of each message of a request,
    instead of `[user/ip/trace/ms METHOD url]`."""
    custom_logger: dict[str, CustomLogger] = field(default_factory=dict)
    """Additional loggers by name."""

    def __post_init__(self) -> None:
        for name in ("level", "console_level", "core_console_level"):
            _check(f"logger.{name}", getattr(self, name))
        _check_encoding(self.encoding)
        _check_formats("logger", self)
        for name, custom in self.custom_logger.items():
            key = f"logger.custom_logger.{name}"
            _check_formats(key, custom)
            if name in _OWN:
                hint = "choose another name"
                raise ConfigError(f"{key}: eggd has a logger of that name", hint=hint)
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

    def style(self, custom: CustomLogger | None = None) -> LineStyle:
        """Returns the style of the lines of a logger, by default that of `logger` itself."""
        own = CustomLogger() if custom is None else custom
        return LineStyle(
            output_json=_either(own.output_json, self.output_json),
            output_json_only=_either(own.output_json_only, self.output_json_only),
            date_iso_format=_either(own.date_iso_format, self.date_iso_format),
            formatter=own.formatter or self.formatter,
            context_formatter=own.context_formatter or self.context_formatter,
        )

    def _files(self, name: str) -> Iterator[Path]:
        style = self.style()
        yield from style.files(self.app_file(name))
        for file in (self.core_log_name, self.agent_log_name, self.error_log_name):
            yield from style.files(self.path(file))
        for custom in self.custom_logger.values():
            yield from self.style(custom).files(self.path(custom.file))


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStyle:
    """The style of the lines of one logger."""

    output_json: bool
    """Whether JSON lines are written beside the text."""
    output_json_only: bool
    """Whether JSON lines are written instead of text."""
    date_iso_format: bool
    """Whether dates are in ISO 8601."""
    formatter: Callable[..., object] | None
    """Formats lines; None: the usual format."""
    context_formatter: Callable[..., object] | None
    """Formats lines within a request; None: as all others."""

    @property
    def json(self) -> bool:
        """Whether JSON lines are written."""
        return self.output_json or self.output_json_only

    @property
    def plain(self) -> bool:
        """Whether lines are the usual text, in one file."""
        formats = (self.formatter, self.context_formatter)
        return not (self.json or self.date_iso_format) and formats == (None, None)

    def files(self, path: Path) -> Iterator[Path]:
        """Yields the files of a logger whose file of text is `path`."""
        if not self.output_json_only:
            yield path
        if self.json:
            yield json_path(path)


def _either(own: bool | None, default: bool) -> bool:
    return default if own is None else own


def json_path(path: Path) -> Path:
    """Returns the file of JSON lines beside a file of text: `x.json.log` of `x.log` (LOG-40)."""
    stem = path.name.removesuffix(".log")
    return path.with_name(f"{stem}.json.log")


def _check_encoding(encoding: str) -> None:
    """Raises ConfigError for an unknown encoding, and for one that changes ASCII: files are
    appended to by several processes, and read by tools."""
    text = "".join(map(chr, range(32, 127))) + "\n"
    try:
        kept = text.encode(encoding) == text.encode("ascii")
    except (LookupError, UnicodeError):
        kept = False
    if not kept:
        raise ConfigError(
            f"logger.encoding: {encoding!r} does not keep ASCII, or is unknown",
            hint='"utf-8", "gbk", "latin-1"',
        )


_OWN = ("logger", "core_logger", "error_logger")
"""The names of the loggers that every app has."""


def _check_formats(key: str, options: LoggerConfig | CustomLogger) -> None:
    """Raises ConfigError for a function that cannot be called as the loggers do."""
    declared = {each.name for each in fields(options)}
    for name in ("formatter", "context_formatter", "padding_message_formatter"):
        # Not getattr() for a missing name: an error with its hint would be made.
        if name in declared and (function := getattr(options, name)) is not None:
            parameter = "ctx" if name == "padding_message_formatter" else "entry"
            check_function(f"{key}.{name}", function, parameter)


def _check(key: str, level: str | None) -> None:
    if level is not None:
        parse_level(level, key)
