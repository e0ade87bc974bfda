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
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType

from eggd.errors import HintedError
from eggd.log.entry import Entry
from eggd.log.journal import SOCKET, Journal, add_fields
from eggd.log.levels import ERROR, NAMES, PRIORITIES, WARN, parse_level
from eggd.log.output import Output
from eggd.log.record import Capture
from eggd.log.text import LineClock, clean, entries, one_line, render
from eggd.masking.known import without_known

_COLOURS = {"ERROR": "\x1b[31m", "WARN": "\x1b[33m", "DEBUG": "\x1b[2m"}

TERMINAL = "EGGD_TERMINAL"
"""The variable that a supervisor sets if it shows the lines of its processes on a terminal."""


_PASSING = (
    f"{Path(__file__).parent}{os.sep}",
    f"{os.sep}logbook{os.sep}",
    f"{os.sep}logging{os.sep}",
)
"""Parts of the paths of files that pass log lines on, and never write one of their own."""


class Console:
    """Writes to the journal with fields, or to stderr: `<N>text` (sd-daemon(3)) for a supervisor or
    a journal that does not answer, else dated lines.

    `level` (EGG_LOG) overrides every console level of the config; None overrides nothing.
    """

    def __init__(self, fd: int, ident: str, level: int | None, *, journal: bool) -> None:
        self.journal = journal
        # The journal's own protocol; None if stderr is not connected to a journal.
        self.native: Journal | None = None
        # The number of this worker, "agent" in the agent, "" elsewhere.
        self.worker = ""
        # Lines that neither journal nor stderr took, since the last that one did.
        self.lost = 0
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

    def write(self, level: int, text: str, entry: Entry | None = None) -> None:
        """Writes `text` at `level`, with the fields of `entry` in the journal.

        It is one entry in the journal; on stderr a traceback is one per line. Lines that cannot be
        written are counted, and the next one that can be is preceded by their number.
        """
        text = clean(without_known(text))
        if self.lost and self._write(WARN, f"log lines lost here: {self.lost}", None):
            self.lost = 0
        if not self._write(level, text, entry):
            self.lost += 1

    def _write(self, level: int, text: str, entry: Entry | None) -> bool:
        if self.native is not None and text:
            if self.native.send(self._fields(level, text, entry)):
                return True
        return self._write_stderr(level, text)

    def _write_stderr(self, level: int, text: str) -> bool:
        lines = self._journal_lines(level, text) if self.journal else self._dated_line(level, text)
        data = lines.encode(errors="backslashreplace")
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError:
            return False  # stderr is the last resort
        return True

    def _fields(self, level: int, text: str, entry: Entry | None) -> dict[str, str]:
        """Returns the fields of an entry in the journal (systemd.journal-fields(7))."""
        fields = {"MESSAGE": text, "PRIORITY": str(PRIORITIES[level])}
        if self._ident:
            fields["SYSLOG_IDENTIFIER"] = self._ident
        if self.worker:
            fields["EGG_WORKER"] = self.worker
        fields |= _place(sys._getframe(1))
        if entry is not None:
            if entry.logger:
                fields["EGG_LOGGER"] = entry.logger
            if entry.context is not None:
                with suppress(Exception):  # of an app's own ctx: logging never raises
                    fields |= entry.context.log_fields()
            add_fields(fields, entry.extra)
        return {
            key: value if key == "MESSAGE" else one_line(without_known(value))
            for key, value in fields.items()
        }

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

    def identify(self, role: str, slot: int, prefix: str = "egg") -> None:
        """Names this process in the journal as its unit does: `egg-worker@3`, `egg-agent`.

        `prefix` is the beginning of the units' names.
        """
        self.worker = str(slot) if role == "worker" else role
        if self.native is not None:
            self._ident = f"{prefix}-{role}@{slot}" if role == "worker" else f"{prefix}-{role}"

    def install(self) -> None:
        """Takes over uncaught exceptions, the standard library's logging and warnings."""
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread
        self.capture.install()

    def close(self) -> None:
        """Restores the hooks that `install` replaced."""
        sys.excepthook, threading.excepthook = self._hooks
        self.capture.remove()
        if self.native is not None:
            self.native.close()

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
    level: str | None,
    ident: str,
    environ: Mapping[str, str] | None = None,
    fd: int = 2,
    journal_socket: str = SOCKET,
) -> Console:
    """Sets up the console of this process; call it once, at boot.

    `level` (EGG_LOG) overrides every console level of the config; `ident` names the process in
    lines that are not for the journal. Raises ConfigError for an unknown level.
    """
    environ = os.environ if environ is None else environ
    console = Console(fd, ident, console_level(level), journal=_takes_journal_lines(fd, environ))
    if console.journal and environ.get("JOURNAL_STREAM"):
        console.native = Journal(journal_socket)
    console.on_terminal = bool(environ.get(TERMINAL))
    console.install()
    return console


def _place(frame: FrameType | None) -> dict[str, str]:
    """Returns file, line and function of the code that logs: the first frame that is not ours."""
    while frame is not None:
        code = frame.f_code
        if not any(part in code.co_filename for part in _PASSING):
            return {
                "CODE_FILE": code.co_filename,
                "CODE_LINE": str(frame.f_lineno),
                "CODE_FUNC": code.co_qualname,
            }
        frame = frame.f_back
    return {}


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
