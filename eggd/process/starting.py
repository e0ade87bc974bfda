"""Several units started at once: the outcome is known when the first of them fails."""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from collections.abc import Iterator

from eggd.process.systemctl import Systemctl

GRACE = 5.0
"""Longest time, in seconds, that units which still boot have to fail, too."""

_FAILED = re.compile(r"(?:Job|job) for (\S+) (?:failed|timed out|canceled)")
"""What systemctl prints as soon as one of the jobs that it waits for has ended so."""


class _Grace:
    """The time that is left; without end until something has failed."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._end: float | None = None

    def begin(self) -> None:
        """Take the first failure as the one that counts."""
        if self._end is None:
            now = time.monotonic()
            self._end = now + min(now - self._began, GRACE)

    def left(self) -> float | None:
        """Return seconds; None for no limit."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())


def failures(systemctl: Systemctl, *units: str) -> Iterator[str]:
    """Start units; yield each one that fails as it fails, and end when all are up.

    After the first failure, units that still boot have as long again as that failure took:
    processes that load the same code usually fail of the same. Their jobs go on; the caller stops
    them. systemd restarts what failed a second later (RestartSec=), so stop that at once.
    """
    grace = _Grace()
    with systemctl.starting(*units) as process:
        try:
            for line in _lines(process, grace):
                if match := _FAILED.search(line):
                    grace.begin()
                    yield match[1]
        finally:
            process.kill()  # the client, not its jobs


def _lines(process: subprocess.Popen[bytes], grace: _Grace) -> Iterator[str]:
    """Yield the lines of standard error until it ends or the deadline has passed."""
    assert process.stderr is not None
    fd, rest = process.stderr.fileno(), b""
    while select.select([fd], [], [], grace.left())[0] and (data := os.read(fd, 65536)):
        *lines, rest = (rest + data).split(b"\n")
        yield from (line.decode(errors="replace") for line in lines)
