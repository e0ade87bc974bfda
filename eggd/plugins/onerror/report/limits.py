"""Limits of time for code of the app that runs while a report is made: `__repr__`, `__str__`.

A trace function ends Python code at its next line. Code in C, and code that catches every
exception, cannot be ended so: `in_time` runs the whole work in a thread and stops to wait for it.
"""

from __future__ import annotations

import contextvars
import sys
import threading
from collections.abc import Callable
from time import monotonic
from types import FrameType
from typing import Generic, TypeVar

T = TypeVar("T")


class TooLongError(BaseException):
    """Raised inside of code that takes too long; `except Exception` does not catch it."""


def limited(function: Callable[[], T], seconds: float) -> T:
    """Returns the result of a function of the app; raises TooLongError at a line after `seconds`.

    It may only be used in a thread of its own, whose trace function it replaces meanwhile.
    """
    until = monotonic() + seconds

    def trace(frame: FrameType, event: str, argument: object) -> object:
        if monotonic() > until:
            raise TooLongError
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        return function()
    finally:
        sys.settrace(before)


class _Result(Generic[T]):
    value: T
    error: BaseException | None = None
    is_done = False


def in_time(function: Callable[[], T], seconds: float) -> T | None:
    """Returns the result of a function that runs in a thread; None if that takes too long.

    Raises what the function raises. A thread that is too late is left behind: it ends with the
    process.
    """
    result: _Result[T] = _Result()

    def run() -> None:
        try:
            result.value = function()
            result.is_done = True
        except BaseException as exc:
            result.error = exc

    work = contextvars.copy_context().run
    thread = threading.Thread(target=work, args=(run,), name="error report", daemon=True)
    thread.start()
    thread.join(seconds)
    if result.error is not None:
        raise result.error
    return result.value if result.is_done else None
