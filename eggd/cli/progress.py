"""A line on stderr for whatever takes more than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

T = TypeVar("T")

STEP = 1.0
"""Seconds before the first line, and between two."""


def waiting(work: Callable[[], T], describe: Callable[[], str]) -> T:
    """Return what `work` returns; while it runs, show `describe()` from the second second on.

    A terminal has one line with the seconds, anything else a line whenever the text changes.
    """
    future: Future[T] = Future()
    Thread(target=_fill, args=(future, work), daemon=True).start()
    began, shown = time.monotonic(), ""
    while not wait([future], STEP).done:
        shown = _show(describe(), shown, time.monotonic() - began)
    if shown and sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    return future.result()


def _fill(future: Future[T], work: Callable[[], T]) -> None:
    try:
        future.set_result(work())
    except BaseException as exc:
        future.set_exception(exc)


def _show(text: str, shown: str, seconds: float) -> str:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text} ({seconds:.0f} s)")
    elif text != shown:
        sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
    return text
