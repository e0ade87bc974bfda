"""The worker's own growing delay between failed boots, kept in the runtime directory.

systemd starts a dead worker again after RestartSec=, for ever; what grows is the sleep that the
new process takes before any app code. A start that does not come at that distance from the last
failure was asked for by somebody, who has perhaps repaired something: it never sleeps.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from eggd.smallfile import read_own
from eggd.suite.slots import boot_file

FIRST = 1.0
"""Seconds before the second try."""

LONGEST = 30.0
"""Seconds that the delay grows to, doubling."""

RESTART_AFTER = 1.0
"""RestartSec= of the unit: a restart by systemd never comes earlier than this."""

_EARLY = 0.1
_LATE = 3.0
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class _Record:
    failures: int
    at: float  # CLOCK_BOOTTIME, which also counts what the host slept
    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The wait of a boot, and the failure that caused it."""

    seconds: float
    failures: int
    reason: str

    @property
    def text(self) -> str:
        """The wait as STATUS= shows it."""
        return f"Boot {self.failures} failed: {self.reason}; next try in {self.seconds:.0f} s"


class Backoff:
    """The count of failed boots of one slot; a directory that cannot be written counts nothing."""

    def __init__(self, directory: Path, slot: int) -> None:
        self._path = directory / boot_file(slot)

    def delay(self) -> Wait | None:
        """Returns how long to sleep before this boot; None: boot at once.

        Must be called once, first in a new process: the result depends on the time since the last
        failure.
        """
        record = self._read()
        if record is None or not _restarted_by_systemd(_now() - record.at):
            self.clear()
            return None
        seconds = min(FIRST * 2.0 ** min(record.failures - 1, 30), LONGEST)
        return Wait(seconds, record.failures, record.reason)

    def failed(self, reason: str) -> None:
        """Count one more failed boot and keep its reason as one line."""
        record = self._read()
        failures = record.failures + 1 if record else 1
        line = " ".join(reason.split())[:_LONGEST_REASON]
        self._write(_Record(failures, _now(), line))

    def clear(self) -> None:
        """Forgets all failures: at SIGTERM while sleeping, or after 60 s of readiness."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return

    def _read(self) -> _Record | None:
        try:
            fields = json.loads(read_own(self._path))
            failures, at, reason = fields["failures"], fields["at"], fields["reason"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        sound = type(failures) is int and type(at) is float and type(reason) is str
        return _Record(failures, at, " ".join(reason.split())) if sound and failures > 0 else None

    def _write(self, record: _Record) -> None:
        try:
            fd, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
            with os.fdopen(fd, "w", encoding="utf-8") as file:
                json.dump(asdict(record), file)
            os.replace(name, self._path)
        except OSError:
            return


def _now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _restarted_by_systemd(elapsed: float) -> bool:
    return RESTART_AFTER - _EARLY <= elapsed <= RESTART_AFTER + _LATE
