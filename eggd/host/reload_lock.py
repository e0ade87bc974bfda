"""The lock that reloads and trials of one application hold: both use the spare."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eggd.errors import RunningError, SystemdError
from eggd.suite.names import SuiteNames
from eggd.suite.slots import SPARE

TRIAL_SETTINGS = f"worker-{SPARE}.env"
"""EnvironmentFile= of the spare in the lock's directory; exists while `eggd deploy` tries a
release."""


@contextmanager
def reload_lock(directory: Path, names: SuiteNames) -> Iterator[None]:
    """Holds the lock, and creates its directory if the master is stopped.

    Raises RunningError if another process holds it, SystemdError if it cannot be opened.
    """
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as exc:
        raise SystemdError(f"{directory}: {exc.strerror}") from exc
    try:
        _lock(fd, names)
        yield
    finally:
        os.close(fd)


def _lock(fd: int, names: SuiteNames) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        raise RunningError(
            "another reload is running", hint=f"journalctl -u {names.prefix}-master"
        ) from exc
