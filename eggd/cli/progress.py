"""A line on stderr for whatever takes more than a second."""

from __future__ import annotations

import os
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
"""Seconds before the first line, and between two."""


def waiting(work: Callable[[], T], describe: Callable[[], str]) -> T:
    """Returns what `work` returns; while it runs, show `describe()` from the second second on.

    A terminal has one line with the seconds, anything else a line whenever the text changes.
    """
    with _ticking(describe, sys.stderr.isatty(), lines=True):
        return work()


@contextmanager
def loading(base_dir: Path) -> Iterator[None]:
    """Loads an app inside: say so, and sends what it prints to standard error.

    A program reads the command's own output.
    """
    with saying_loading(base_dir), _aside():
        yield


@contextmanager
def saying_loading(base_dir: Path) -> Iterator[None]:
    """Says at a terminal, after a second, that an app is being loaded."""
    with _ticking(lambda: f"loading {base_dir}", sys.stderr.isatty(), lines=False):
        yield


@contextmanager
def _aside() -> Iterator[None]:
    """Sends standard output to standard error, by descriptor: for children and C code, too."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def _ticking(describe: Callable[[], str], terminal: bool, *, lines: bool) -> Iterator[None]:
    if not (terminal or lines):
        yield
        return
    done = Event()
    ticker = Thread(target=_tick, args=(done, describe), daemon=True)
    ticker.start()
    try:
        yield
    finally:
        done.set()
        ticker.join()


def _tick(done: Event, describe: Callable[[], str]) -> None:
    began, shown = time.monotonic(), ""
    while not done.wait(STEP):
        with suppress(EggError):  # whoever waits for the work is told of its own
            shown = _show(visible_line(describe()), shown, time.monotonic() - began)
    if shown and sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")


def _show(text: str, shown: str, seconds: float) -> str:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text} ({seconds:.0f} s)")
    elif text != shown:
        sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
    return text
