"""The console of a process: the journal under systemd, else a terminal or a pipe.

It is set up once, at boot, before anything else can fail. From then on the standard library's
logging, warnings and uncaught exceptions are written here, too, and to the app's file as soon as
`Loggers` has opened it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from types import TracebackType

from eggd.errors import HintedError
from eggd.log.levels import ERROR, NAMES, PRIORITIES, WARN, parse_level
from eggd.log.output import Output
from eggd.log.record import Capture
from eggd.log.text import LineClock, clean, entries, render
from eggd.masking.known import without_known

_COLOURS = {"ERROR": "\x1b[31m", "WARN": "\x1b[33m", "DEBUG": "\x1b[2m"}

TERMINAL = "EGGD_TERMINAL"
"""The variable that a supervisor sets if it shows the lines of its processes on a terminal."""


class Console:
    """Writes to stderr: `<N>text` for the journal (sd-daemon(3)), else dated lines.

    `level` (EGG_LOG) overrides every console level of the config; None overrides nothing.
    """

    def __init__(self, fd: int, ident: str, level: int | None, *, journal: bool) -> None:
        self.journal = journal
        self.level = level
        # True if a supervisor shows the lines of this process on a terminal (EGGD_TERMINAL).
        self.on_terminal = False
        self.capture = Capture(self.foreign)
        # Receives uncaught exceptions; None until the files are open.
        self.errors: Output | None = None
        # Receives lines of libraries; None until the files are open.
        self.app: Output | None = None
        self._fd = fd
        # Names the process in lines that are not for the journal.
        self._ident = ident
        self._colour = not journal and os.isatty(fd) and "NO_COLOR" not in os.environ
        self._clock = LineClock()
        # The hooks that `install` replaced.
        self._hooks = (sys.excepthook, threading.excepthook)

    def write(self, level: int, text: str) -> None:
        """Writes `text` at `level`: one entry in the journal, but one per line for a traceback."""
        text = clean(without_known(text))
        lines = self._journal_lines(level, text) if self.journal else self._dated_line(level, text)
        data = lines.encode(errors="backslashreplace")
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError:
            pass  # stderr is the last resort

    def foreign(self, level: int, text: str) -> None:
        """Writes a line of a library, or of a logger that is not eggd's."""
        if self.app is not None:
            self.app.put(level, text)
        elif level >= (WARN if self.level is None else self.level):
            self.write(level, text)

    def log_uncaught(self, exc: BaseException) -> None:
        """Logs an uncaught exception and writes it at once."""
        text = exc.line if isinstance(exc, HintedError) else render((exc,))
        if self.errors is not None:
            self.errors.put(ERROR, text)
            self.errors.flush()
        else:
            self.write(ERROR, text)

    def install(self) -> None:
        """Takes over uncaught exceptions, the standard library's logging and warnings."""
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread
        self.capture.install()

    def close(self) -> None:
        """Restores the hooks that `install` replaced."""
        sys.excepthook, threading.excepthook = self._hooks
        self.capture.remove()

    def _uncaught(
        self, kind: type[BaseException], exc: BaseException, trace: TracebackType | None
    ) -> None:
        if isinstance(exc, Exception):
            self.log_uncaught(exc)
        else:
            self._hooks[0](kind, exc, trace)

    def _uncaught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self.log_uncaught(args.exc_value)

    def _journal_lines(self, level: int, text: str) -> str:
        prefix = f"<{PRIORITIES[level]}>"
        return "".join(f"{prefix}{line}\n" for line in entries(text))

    def _dated_line(self, level: int, text: str) -> str:
        name = NAMES[level]
        start, end = (_COLOURS.get(name, ""), "\x1b[0m") if self._colour else ("", "")
        ident = f"{self._ident}: " if self._ident else ""
        line = f"{self._clock.now()}{name} {os.getpid()} {ident}{text}"
        return f"{start}{line}{end if start else ''}\n"


def setup_console(
    level: str | None, ident: str, environ: Mapping[str, str] | None = None, fd: int = 2
) -> Console:
    """Sets up the console of this process; call it once, at boot.

    `level` (EGG_LOG) overrides every console level of the config; `ident` names the process in
    lines that are not for the journal. Raises ConfigError for an unknown level.
    """
    environ = os.environ if environ is None else environ
    console = Console(fd, ident, console_level(level), journal=_takes_journal_lines(fd, environ))
    console.on_terminal = bool(environ.get(TERMINAL))
    console.install()
    return console


def console_level(level: str | None) -> int | None:
    """Returns the level that EGG_LOG names, or None. Raises ConfigError for an unknown one."""
    return parse_level(level, "EGG_LOG") if level else None


def _takes_journal_lines(fd: int, environ: Mapping[str, str]) -> bool:
    """Returns whether `fd` is connected to the journal, or to another reader of its format.

    systemd sets JOURNAL_STREAM to the socket of the journal (systemd.exec(5)). Without it, a
    descriptor that is not a terminal counts if INVOCATION_ID is set: eggd's supervisor, which reads
    the same `<N>` prefixes, sets it.
    """
    stream = environ.get("JOURNAL_STREAM")
    if stream:
        status = os.fstat(fd)
        return stream == f"{status.st_dev}:{status.st_ino}"
    return "INVOCATION_ID" in environ and not os.isatty(fd)
