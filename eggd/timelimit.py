"""Runs code of an app that must not take long: `__str__` and `__repr__` of its objects.

A trace function ends Python code at its next opcode. Code in C, and code that catches every
exception, cannot be ended so.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic
from types import FrameType
from typing import TypeVar

T = TypeVar("T")


class TooLongError(BaseException):
    """Raised inside of code that takes too long; `except Exception` does not catch it."""


def limited(function: Callable[[], T], seconds: float) -> T:
    """Returns the result of a function of the app; raises TooLongError after `seconds`.

    It replaces the trace function of its thread meanwhile.
    """
    until = monotonic() + seconds

    def trace(frame: FrameType, event: str, argument: object) -> object:
        frame.f_trace_opcodes = True  # a loop of one line has no event of lines
        if monotonic() > until:
            raise TooLongError
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        return function()
    finally:
        sys.settrace(before)
