"""Waits for a condition that no event tells of: a file of another process, its descriptors."""

from __future__ import annotations

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
