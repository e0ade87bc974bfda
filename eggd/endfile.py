"""Reads and writes why the last process of a slot ended, in files in the runtime directory.

    worker-1.end     {"kind": "recycled", "text": "recycled after 10,000 requests"}
    worker-1.exit    watchdog dumped ABRT

The process itself writes the first one when it stops; systemd (ExecStopPost= of the unit) or the
supervisor the second one, after an unclean end. The next process of the slot reads and removes
both. What the process wrote is more exact, so it wins.
"""

from __future__ import annotations

import json
import signal
from dataclasses import asdict
from pathlib import Path

from eggd.ending import CAUSES, how
from eggd.smallfile import read_own
from eggd.suite.files import end_file, exit_file
from eggd.suite.restart import CRASHED, KINDS, MEMORY, WATCHDOG, Restart
from eggd.wholefile import write_whole

_LIMIT = 4096
_LONGEST_TEXT = 500
_OF_RESULT = {"watchdog": WATCHDOG, "oom-kill": MEMORY}


def write(rundir: Path, slot: int, restart: Restart) -> None:
    """Writes why this process ends; does nothing if the directory cannot be written."""
    content = {**asdict(restart), "text": " ".join(restart.text.split())[:_LONGEST_TEXT]}
    _write(rundir / end_file(slot), json.dumps(content))


def write_exit(rundir: Path, slot: int, line: str) -> None:
    """Writes how another process ended; does nothing if the directory cannot be written."""
    _write(rundir / exit_file(slot), line)


def take(rundir: Path, slot: int) -> Restart | None:
    """Returns why the last process of a slot ended and removes the files; None without one."""
    own = _own(_pop(rundir / end_file(slot)))
    line = _pop(rundir / exit_file(slot))
    return own or of_exit(line)


def of_exit(line: str) -> Restart | None:
    """Returns the restart after an unclean end; None for a line of another form.

    `line` has $SERVICE_RESULT, $EXIT_CODE and $EXIT_STATUS (systemd.exec(5)), such as
    `watchdog dumped ABRT`.
    """
    match line.split():
        case [result, "exited", status] if status.isdecimal():
            code = int(status)
        case [result, "killed" | "dumped", status] if (number := _number(status)) is not None:
            code = -number
        case _:
            return None
    return Restart(_OF_RESULT.get(result, CRASHED), how(code, CAUSES.get(result, "")))


def exit_line(code: int, result: str = "") -> str:
    """Returns the line that `of_exit` reads, for an exit code or minus the signal.

    `result` is that of systemd, such as `watchdog`; empty means that the process ended by itself.
    """
    if code < 0:
        return f"{result or 'signal'} killed {-code}"
    return f"{result or 'exit-code'} exited {code}"


def _own(text: str) -> Restart | None:
    try:
        fields = json.loads(text)
        restart = Restart(fields["kind"], fields["text"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return restart if restart.kind in KINDS and isinstance(restart.text, str) else None


def _pop(path: Path) -> str:
    try:
        text = read_own(path, _LIMIT).decode(errors="replace")
        path.unlink(missing_ok=True)
    except OSError:
        return ""
    return text


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text.encode(), 0o640)
    except OSError:
        return


def _number(status: str) -> int | None:
    """Returns the number of a signal, which systemd names without SIG."""
    if status.isdecimal():
        return int(status)
    known = signal.Signals.__members__.get(f"SIG{status}")
    return known.value if known is not None else None
