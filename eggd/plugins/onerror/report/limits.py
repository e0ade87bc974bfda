"""Limits the time of a whole report: `limited` of eggd cannot end code in C, such as a sleep."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


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
