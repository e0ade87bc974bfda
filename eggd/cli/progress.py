"""A line on standard error for work that takes more than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TypeVar

from eggd.errors import EggError
from eggd.wire.terminal import visible_line

T = TypeVar("T")

STEP = 1.0
"""Seconds before the first line, and between two lines."""


def waiting(work: Callable[[], T], describe: Callable[[], str]) -> T:
    """Returns the result of `work`; after a second, shows `describe()` while it runs.

    A terminal shows one line with the seconds; other output is a line for each new text.
    """
    with _ticking(describe):
        return work()


@contextmanager
def announce_loading(base_dir: Path) -> Iterator[None]:
    """Shows at a terminal, after a second, that an app is being loaded."""
    if not sys.stderr.isatty():
        yield
        return
    with _ticking(lambda: f"loading {base_dir}"):
        yield


@contextmanager
def _ticking(describe: Callable[[], str]) -> Iterator[None]:
    done = Event()
    ticker = Thread(target=_tick, args=(done, describe), daemon=True)
    ticker.start()
    try:
        yield
    finally:
        done.set()
        ticker.join()


def _tick(done: Event, describe: Callable[[], str]) -> None:
    began, line = time.monotonic(), ""
    while not done.wait(STEP):
        with suppress(EggError):  # the work meets the same error and reports it
            line = _show(visible_line(describe()), line, time.monotonic() - began)
    if line and sys.stderr.isatty():
        with suppress(BrokenPipeError):
            sys.stderr.write("\r\x1b[K")


def _show(text: str, line: str, seconds: float) -> str:
    with suppress(BrokenPipeError):  # the work goes on when the terminal or connection is closed
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{text} ({seconds:.0f} s)")
        elif text != line:
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    return text
