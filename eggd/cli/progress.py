"""Lines on standard error for work that takes more than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event
from typing import TypeVar

from eggd.errors import EggError
from eggd.threads import beside
from eggd.wire.terminal import visible_line

T = TypeVar("T")

STEP = 1.0
"""Seconds before the first line, and between two lines."""


Say = Callable[[str], None]


def waiting(work: Callable[[], T], describe: Callable[[], str]) -> T:
    """Returns the result of `work`; after a second, shows `describe()` while it runs.

    A terminal shows one line with the seconds; other output is a line for each new text. An empty
    text shows nothing.
    """
    lines: list[str] = []

    def update() -> None:
        if (text := describe()) and text not in lines[-1:]:
            lines.append(text)

    with _ticking(lines, update):
        return work()


def following(work: Callable[[Say], T], first: str) -> T:
    """Returns the result of `work`, which reports its progress to the function that it gets.

    After a second, a terminal shows the latest text, with the seconds; other output gets each text
    as a line, from `first` to the last one.
    """
    lines = [first]
    with _ticking(lines):
        return work(lines.append)


@contextmanager
def announce_loading(base_dir: Path) -> Iterator[None]:
    """Shows at a terminal, after a second, that an app is being loaded."""
    if not sys.stderr.isatty():
        yield
        return
    with _ticking((f"loading {base_dir}",)):
        yield


@contextmanager
def _ticking(lines: Sequence[str], update: Callable[[], None] = lambda: None) -> Iterator[None]:
    display = _Display(lines)
    try:
        with beside(partial(_tick, update, display)):
            yield
    finally:
        display.end()


def _tick(update: Callable[[], None], display: _Display, done: Event) -> None:
    while not done.wait(STEP):
        with suppress(EggError):  # the work meets the same error and reports it
            update()
        display.show()


class _Display:
    """The lines of one work on standard error, which may be a terminal."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._began = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        # The number of lines that have been shown; the work may add more at any moment.
        self._count = 0

    def show(self) -> None:
        """Shows the last line at a terminal, elsewhere those that are new."""
        new = self._lines[self._count :]
        self._count += len(new)
        if not self._is_terminal:
            self._write("".join(f"{visible_line(line)}\n" for line in new))
        elif self._count:
            seconds = time.monotonic() - self._began
            self._write(f"\r\x1b[K{visible_line(self._lines[-1])} ({seconds:.0f} s)")

    def end(self) -> None:
        """Clears the line of a terminal; elsewhere shows the lines since the last `show`."""
        if self._count and self._is_terminal:
            self._write("\r\x1b[K")
        elif self._count:
            self.show()

    def _write(self, text: str) -> None:
        with suppress(BrokenPipeError):  # the work goes on when the terminal is closed
            sys.stderr.write(text)
            sys.stderr.flush()
