"""Takes a host out of its load balancer for a while: `/ready` answers 503 although workers serve.

    /run/eggd/drain    the monotonic time at which the drain ends by itself, as text

`eggd deploy --drain` writes the file again every few seconds. So a drain lasts while the command
runs, also across a restart of the agent, and ends soon after the command was killed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event

from eggd.smallfile import read_own
from eggd.suite.files import DRAIN
from eggd.threads import beside
from eggd.wholefile import write_whole

ACTION = "egg-drain"
"""The request to the agent that returns `address` and `state` of its health checks."""
LIMIT = 15.0
"""Seconds after which a drain ends that is not renewed."""
RENEWAL = 5.0
"""Seconds between two renewals."""

_SIZE = 64


def is_draining(rundir: Path) -> bool:
    """Returns whether a command drains the suite now.

    A file that is damaged, or whose end is too far in the future, counts as no drain.
    """
    try:
        until = float(read_own(rundir / DRAIN, _SIZE))
    except (OSError, ValueError):
        return False
    return 0 < until - time.monotonic() <= LIMIT


@contextmanager
def drained(rundir: Path) -> Iterator[None]:
    """Drains the suite in the block; raises OSError if the file cannot be written."""
    _renew(rundir)
    try:
        with beside(partial(_keep, rundir)):
            yield
    finally:
        with suppress(OSError):  # else it ends by itself, after LIMIT
            (rundir / DRAIN).unlink()


def _keep(rundir: Path, ended: Event) -> None:
    while not ended.wait(RENEWAL):
        with suppress(OSError):  # the next renewal tries again, within the limit
            _renew(rundir)


def _renew(rundir: Path) -> None:
    write_whole(rundir / DRAIN, f"{time.monotonic() + LIMIT:.3f}".encode(), 0o644)
