"""All loggers of one process, on files that it shares with the other processes."""

from __future__ import annotations

import atexit
import os
import weakref
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from eggd.log.channels import Channels
from eggd.log.config import CustomLogger, LineStyle, LoggerConfig, json_path
from eggd.log.console import Console
from eggd.log.entry import LineContext
from eggd.log.file import LogFile
from eggd.log.flusher import Flusher
from eggd.log.handler_stack import STACK
from eggd.log.levels import DEBUG, ERROR, INFO, NAMES, WARN, parse_level
from eggd.log.logger import Logger
from eggd.log.output import Output
from eggd.log.request_logger import RequestLogger, request_logger
from eggd.log.text import LineClock, split_entries


class Loggers:
    """All loggers of a process; `role` is "agent", or any other text for a worker.

    `logger` is the app's, `core_logger` the framework's, `error_logger` gets every error. If a file
    cannot be written, its lines go to the console and `degraded` is the reason.
    """

    def __init__(
        self, config: LoggerConfig, name: str, role: str, env: str, console: Console
    ) -> None:
        self._config = config
        self._name = name
        self._env = env
        self._console = console
        self._clock = LineClock()
        self._flusher = Flusher(config.flush_interval if config.buffer else 0)
        self._files: dict[Path, LogFile] = {}
        self._loggers: dict[str, Logger] = {}
        # The classes of the loggers of requests.
        self._of_requests: dict[str, type[RequestLogger]] = {}
        # Files whose lines another file or the console has, too.
        self._twins: set[LogFile] = set()
        self._make(role == "agent")
        self.request_logger = self._of_requests["logger"]
        STACK.watchers.add(self)
        console.app, console.errors = self.logger.output, self.error_logger.output
        console.capture.set_level(self.logger.output.level)
        self._closed = False
        atexit.register(self.close)
        _follow_forks(self)

    logger: Logger
    core_logger: Logger
    error_logger: Logger
    request_logger: type[RequestLogger]
    """The class of `logger` within requests; the creator of an object sets its `context`."""

    def get(self, name: str) -> Logger | None:
        """Returns the logger called `name` (logger, core_logger, error_logger or a custom one)."""
        return self._loggers.get(name)

    def within(self, name: str, context: LineContext) -> Logger | None:
        """Returns the logger called `name` with the bracket of a request before each message."""
        cls = self._of_requests.get(name)
        if cls is None:
            return None
        own = cls()
        own.context = context
        return own

    def __iter__(self) -> Iterator[Logger]:
        return iter(self._loggers.values())

    def files(self) -> list[Path]:
        """Returns the files that this process writes to."""
        return list(self._files)

    def suite_files(self) -> list[Path]:
        """Returns the files that any process of the suite writes to."""
        return self._config.files(self._name)

    @property
    def dir(self) -> Path:
        """The directory of relative log files."""
        return Path(self._config.dir)

    @property
    def degraded(self) -> str:
        """The reason, in one line, while a log file cannot be written, else ""."""
        return next((file.degraded for file in self._files.values() if file.degraded), "")

    def recover(self) -> None:
        """Finds out whether files that could not be written can be written again."""
        for file in self._files.values():
            file.recover()

    @property
    def waiting(self) -> bool:
        """Whether lines wait for the next flush."""
        return any(file.waiting for file in self._files.values())

    @property
    def records(self) -> Counter[str]:
        """The entries of all loggers since the start, by level (DEBUG, INFO, WARN, ERROR)."""
        counts: Counter[str] = Counter()
        for logger in self:
            entries = logger.output.count_entries()
            for level, name in NAMES.items():
                counts[name] += entries[level]
        return counts

    def flush(self) -> None:
        """Writes all collected lines."""
        self._flusher.flush()

    def reload(self) -> None:
        """Opens every file by its name again; collected lines go to the former file."""
        for file in self._files.values():
            file.reload()

    def close(self) -> None:
        """Writes all collected lines and closes the files; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        for file in self._files.values():
            file.close()
        if self._console.app is self.logger.output:
            self._console.app = self._console.errors = None

    def set_console_level(self, level: str) -> None:
        """Sets the level of the console for all loggers. Raises ConfigError if unknown."""
        number = parse_level(level, "console level")
        for logger in self:
            logger.output.console_level = number
            logger.output.refresh()

    def changed(self, file: LogFile) -> None:
        """Reports on the console that `file` cannot be written, or can be again."""
        if file.degraded:
            self._console.write(ERROR, f"{file.degraded}; its lines are written here instead")
        else:
            count = file.missing
            gap = f"; {count} line{'s are' if count != 1 else ' is'} missing in it" if count else ""
            self._console.write(WARN, f"{file.path} is written again{gap}")
        for logger in self:
            logger.output.refresh()

    def rescue(self, file: LogFile, text: str) -> None:
        """Shows lines that could not be written, unless the console shows them already."""
        errors = self.error_logger.output
        if (file is errors.file and errors.console_level <= ERROR) or file in self._twins:
            return
        text = text.rstrip("\n")
        is_json = file.path.name.endswith(".json.log")
        for line in text.split("\n") if is_json else split_entries(text):
            self._console.write(INFO, line)

    def handlers_changed(self) -> None:
        """Follows a handler that was pushed on Logbook's stack, or removed from it."""
        for logger in self:
            logger.output.refresh()

    def after_fork(self) -> None:
        """Drops collected lines in a forked child, and shows its pid from now on."""
        self._flusher.forget()
        for file in self._files.values():
            file.forget()
        for logger in self:
            logger.output.set_pid(os.getpid())

    def _make(self, agent: bool) -> None:
        config = self._config
        app, core = self._console_levels(agent)
        level = self._level(config.level)
        agent_file = config.path(config.agent_log_name)
        errors = config.path(config.error_log_name)
        style = config.style()
        self.error_logger = self._add(
            "error_logger", errors, max(level, ERROR), min(app, core), style
        )
        self.logger = self._add(
            "logger", agent_file if agent else config.app_file(self._name), level, app, style
        )
        core_file = agent_file if agent else config.path(config.core_log_name)
        self.core_logger = self._add("core_logger", core_file, level, core, style)
        for name, custom in config.custom_logger.items():
            self._add_custom(name, custom, app)

    def _add_custom(self, name: str, custom: CustomLogger, app: int) -> None:
        own = self._console.level
        if own is None:
            own = app if custom.console_level is None else parse_level(custom.console_level)
        level = self._level(custom.level or self._config.level)
        style = self._config.style(custom)
        logger = self._add(name, self._config.path(custom.file), level, own, style)
        logger.output.own_errors = custom.concentrate_error != "redirect"
        if custom.concentrate_error == "ignore":
            logger.output.concentrate_in(None)

    def _add(
        self, name: str, path: Path, level: int, console_level: int, style: LineStyle
    ) -> Logger:
        paths = list(style.files(path))
        file = self._file(paths[0])
        console = self._console
        output = Output(name, file, level, os.getpid(), self._clock, console.write, console.capture)
        output.padder = self._config.padding_message_formatter
        if not style.plain:
            output.channels = self._channels(style, path)
        output.console_level = (
            max(console_level, ERROR) if name == "error_logger" else console_level
        )
        output.concentrate_in(None if name == "error_logger" else self.error_logger.output)
        logger = Logger()
        logger.output = output
        self._loggers[name] = logger
        self._of_requests[name] = request_logger(output)
        return logger

    def _file(self, path: Path) -> LogFile:
        """Returns the open file of a path, shared by all loggers that write to it."""
        file = self._files.get(path)
        if file is None:
            config = self._config
            limit, encoding = config.max_buffer_length, config.encoding
            file = self._files[path] = LogFile(path, self._flusher, limit, self, encoding)
            file.open()
        return file

    def _channels(self, style: LineStyle, path: Path) -> Channels:
        channels = Channels()
        channels.formatter, channels.context_formatter = style.formatter, style.context_formatter
        channels.iso = style.date_iso_format
        if style.json:
            channels.json_file = self._file(json_path(path))
        if style.output_json_only:
            channels.off.add("file")
        elif channels.json_file is not None:
            self._twins.add(channels.json_file)
        return channels

    def _level(self, text: str) -> int:
        level = parse_level(text)
        if level == DEBUG and self._env == "prod" and not self._config.allow_debug_at_prod:
            return INFO
        return level

    def _console_levels(self, agent: bool) -> tuple[int, int]:
        """Returns the console levels of app lines and of the framework's lines."""
        config, console = self._config, self._console
        if console.level is not None:
            return console.level, console.level
        local = self._env == "local"
        is_terminal = local and console.on_terminal
        quiet = self._env == "unittest" or (local and not console.journal) or is_terminal
        core = WARN if quiet else INFO
        in_journal = console.journal and not is_terminal
        app = WARN if in_journal or self._env == "unittest" else INFO
        if config.core_console_level is not None:
            core = parse_level(config.core_console_level)
        if config.console_level is not None:
            app = parse_level(config.console_level)
        return (core, core) if agent and not is_terminal else (app, core)


def _follow_forks(loggers: Loggers) -> None:
    reference = weakref.ref(loggers)  # registered forever: must not keep `loggers` alive

    def after_fork() -> None:
        alive = reference()
        if alive is not None:
            alive.after_fork()

    os.register_at_fork(after_in_child=after_fork)
