"""Messages that are in the journal alone: of systemd, and what a process printed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator

from eggd.cli.logview.entry import Entry
from eggd.errors import EggError
from eggd.suite.names import SuiteNames

_LEVELS = {"7": "DEBUG", "6": "INFO", "5": "INFO", "4": "WARN"}
"""The level of a priority of syslog(3); those below 4 are errors."""


def command(since: float, lines: int = 0, *, follow: bool = False) -> list[str]:
    """Returns the command line that prints the entries of the suite's units as JSON."""
    argv = ["journalctl", "--output=json", "--quiet", "--no-pager"]
    names = SuiteNames.chosen(os.environ)
    units = (names.master, names.agent, names.workers, names.listener)
    argv += [f"--unit={unit}" for unit in units]
    argv += [f"--since=@{since:.0f}"] if since else []
    argv += [f"--lines={lines}"] if lines or follow else []
    return argv + ["--follow"] * follow


def entries(since: float, lines: int = 0) -> Iterator[Entry]:
    """Yields the journal's entries of the suite that systemd runs, the last ones with `lines`.

    Raises EggError without journalctl.
    """
    try:
        process = subprocess.Popen(
            command(since, lines), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError as exc:
        raise _cannot(exc) from None
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            entry = parse(line)
            if entry is not None:
                yield entry


def parse(line: bytes) -> Entry | None:
    """Returns the entry of a line of `journalctl --output=json`, None for another line."""
    try:
        data = json.loads(line)
        at = int(data["__REALTIME_TIMESTAMP"]) / 1e6
        text, pid = data.get("MESSAGE"), int(data.get("_PID", 0))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if isinstance(text, list):  # not UTF-8: journalctl gives numbers
        text = bytes(text).decode(errors="backslashreplace")
    if not isinstance(text, str):
        return None
    unit = str(data.get("UNIT") or data.get("_SYSTEMD_UNIT") or "journal")
    return Entry(at, _LEVELS.get(str(data.get("PRIORITY", "6")), "ERROR"), pid, text, unit)


class JournalTail:
    """New entries of the journal."""

    def __init__(self) -> None:
        """Starts `journalctl --follow`. Raises EggError."""
        try:
            self._process = subprocess.Popen(
                command(0, follow=True), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as exc:
            raise _cannot(exc) from None
        assert self._process.stdout is not None
        self._stdout = self._process.stdout
        os.set_blocking(self._stdout.fileno(), False)
        self._rest = b""

    def news(self) -> Iterator[Entry]:
        """Yields the entries since the last call."""
        data = self._rest + (self._stdout.read() or b"")
        *lines, self._rest = data.split(b"\n")
        yield from (entry for line in lines if (entry := parse(line)) is not None)

    def close(self) -> None:
        """Ends journalctl."""
        self._process.kill()
        self._process.wait()
        self._stdout.close()


def _cannot(exc: OSError) -> EggError:
    return EggError(f"cannot run journalctl: {exc.strerror}", hint="--no-journal")
