"""Matches the patterns of an app for a limited time, as some need exponential time.

Python's `re` runs the handlers of signals while it matches (Modules/_sre/sre_lib.h), in the main
thread, where handlers of requests run. ITIMER_VIRTUAL counts the CPU time of the process, so that
a busy machine ends no match.
"""

from __future__ import annotations

import re
import signal
import threading
from types import FrameType

LIMIT = 0.02
"""Seconds of CPU time for the patterns of one validation."""

_REPEATED = re.compile(r"[*+?]|\{(?!\d+\})")
_REPEATED_GROUP = re.compile(r"\)[*+?{]")
_BACK = re.compile(r"\\[1-9]|\(\?P=")


class SlowPatternError(Exception):
    """Raised for a text that a pattern does not match in time."""


def is_quick(pattern: re.Pattern[str]) -> bool:
    """Returns whether a pattern needs linear time: it repeats one character at most, and no group.

    The test is of the source alone, so that `[*+]+` is not quick either.
    """
    source = pattern.pattern
    if _REPEATED_GROUP.search(source) or _BACK.search(source):
        return False
    return len(_REPEATED.findall(source)) <= 1


class TimedPattern:
    """A pattern that may need exponential time."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self._is_ready = False
        """Whether the signal has its handler: asking for it costs more than most matches."""

    def matches(self, text: str, seconds: float) -> tuple[bool, float]:
        """Returns whether the whole text matches, and the CPU seconds of `seconds` that are left.

        Raises SlowPatternError. In other threads than the main one the time has no limit.
        """
        if threading.current_thread() is not threading.main_thread():
            return self.pattern.fullmatch(text) is not None, seconds
        if seconds <= 0:
            raise SlowPatternError
        if not self._is_ready:
            signal.signal(signal.SIGVTALRM, _end)
            self._is_ready = True
        return _timed(self.pattern, text, seconds)


def _timed(pattern: re.Pattern[str], text: str, seconds: float) -> tuple[bool, float]:
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        does_match = pattern.fullmatch(text) is not None
    finally:
        left, _ = signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return does_match, left


def _end(_signal: int, frame: FrameType | None) -> None:
    """Ends a match, unless the signal comes after it."""
    if frame is None or frame.f_code is not _timed.__code__:
        return
    if "does_match" not in frame.f_locals:
        raise SlowPatternError
