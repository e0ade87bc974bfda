"""Several units started at once: the outcome is known when the first of them fails."""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from collections.abc import Iterator

from eggd.host.systemctl import Systemctl

GRACE = 5.0
"""Most seconds to wait, after a failure, for units that still boot."""

# systemctl reports the first failure of several jobs only by this line, which is never translated.
# Its exit code comes when the last job ends; `systemctl show -p Result` and `list-jobs` do not
# wait, so they would have to be polled; one systemctl per unit would be up to 999 processes.
_FAILED = re.compile(r"(?:Job|job) for (\S+) (?:failed|timed out|canceled)")
"""The line that systemctl prints as soon as one of its jobs fails."""


class _Grace:
    """The time left; unlimited until the first failure."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._end: float | None = None

    def begin(self) -> None:
        """Starts the time at the first failure; later calls have no effect."""
        if self._end is None:
            now = time.monotonic()
            self._end = now + min(now - self._began, GRACE)

    def left(self) -> float | None:
        """Returns the seconds left; None for no limit."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())


def failures(systemctl: Systemctl, *units: str) -> Iterator[str]:
    """Starts units; yields each one as it fails, and ends when all others are up.

    After the first failure, waits for units that still boot as long again as that failure took:
    processes that load the same code usually fail for the same reason. Their jobs continue; the
    caller stops them. systemd restarts a failed unit a second later (RestartSec=), so the caller
    must stop it at once.
    """
    grace = _Grace()
    with systemctl.starting(*units) as process:
        try:
            for line in _lines(process, grace):
                if match := _FAILED.search(line):
                    grace.begin()
                    yield match[1]
        finally:
            process.kill()  # ends the client; its jobs continue


def _lines(process: subprocess.Popen[bytes], grace: _Grace) -> Iterator[str]:
    """Yields the lines of standard error until it ends or the deadline passes."""
    assert process.stderr is not None
    fd, rest = process.stderr.fileno(), b""
    while select.select([fd], [], [], grace.left())[0] and (data := os.read(fd, 65536)):
        *lines, rest = (rest + data).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)
