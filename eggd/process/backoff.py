"""The count of failed boots of one slot, in a file in the runtime directory."""

from __future__ import annotations

import json
import time
from pathlib import Path

from eggd.smallfile import read_own
from eggd.suite.backoff import Failures, Sleep, sleep
from eggd.suite.files import boot_file
from eggd.wholefile import write_whole

_LONGEST_REASON = 500


class Backoff:
    """Counts failed boots; if the directory cannot be written, counts nothing."""

    def __init__(self, directory: Path, slot: int) -> None:
        self._path = directory / boot_file(slot)

    def delay(self) -> Sleep | None:
        """Returns how long to sleep before this boot; None if not at all.

        Must be called once, first in a new process: the result depends on the time since the last
        failure.
        """
        delay = sleep(self._read(), _now())
        if delay is None:
            self.clear()
        return delay

    def failed(self, reason: str) -> None:
        """Counts one more failed boot, with its reason as one line."""
        before = self._read()
        count = before.count + 1 if before else 1
        self._write(Failures(count, _now(), " ".join(reason.split())[:_LONGEST_REASON]))

    def clear(self) -> None:
        """Forgets all failures: at SIGTERM while sleeping, or after 60 s of readiness."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return

    def _read(self) -> Failures | None:
        try:
            fields = json.loads(read_own(self._path))
            count, at, reason = fields["failures"], fields["at"], fields["reason"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        valid = type(count) is int and type(at) is float and type(reason) is str
        return Failures(count, at, " ".join(reason.split())) if valid and count > 0 else None

    def _write(self, failures: Failures) -> None:
        content = {"failures": failures.count, "at": failures.at, "reason": failures.reason}
        try:
            write_whole(self._path, json.dumps(content).encode(), 0o600)
        except OSError:
            return


def _now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
