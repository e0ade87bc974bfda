"""Waits for a condition that no event tells of: a file of another process, its ports."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable

LONGEST = 40.0
"""Seconds after which a test fails."""


def await_that(condition: Callable[[], object], what: str) -> None:
    """Returns when the condition is true; it is asked 50 times a second."""
    end = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < end, f"no {what}"
        time.sleep(0.02)


def await_server(process: subprocess.Popen[bytes], listens: Callable[[], object]) -> None:
    """Returns when a program that was just started listens; fails at once if it has ended."""
    name = process.args

    def ready() -> object:
        assert process.poll() is None, f"{name!r} ended with {process.returncode}"
        return listens()

    await_that(ready, f"listener of {name!r}")


def is_open(port: int) -> bool:
    """Returns whether a TCP port of loopback accepts connections."""
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0
