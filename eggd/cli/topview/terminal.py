"""The keys of a terminal while `eggd top` runs, and how the terminal is restored."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

QUIT = frozenset(b"qQ\x03\x04")
"""The bytes of q, Ctrl-C and Ctrl-D."""

_LOCAL = 3
"""The place of the local modes in what termios.tcgetattr returns."""


@contextmanager
def keys() -> Iterator[None]:
    """Reads keys at once, unechoed, Ctrl-C and Ctrl-Z too; restores the terminal, also at SIGTERM.

    Standard input must be a terminal.
    """
    former = termios.tcgetattr(0)
    handler = signal.signal(signal.SIGTERM, _end)
    changed = termios.tcgetattr(0)
    changed[_LOCAL] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)
    termios.tcsetattr(0, termios.TCSADRAIN, changed)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, former)
        signal.signal(signal.SIGTERM, handler)


def quits_within(seconds: float) -> bool:
    """Waits; returns True as soon as a key of QUIT is pressed or the terminal is gone."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if select.select([0], [], [], left)[0]:
            pressed = os.read(0, 64)
            if not pressed or QUIT.intersection(pressed):
                return True
    return False


def _end(_number: int, _frame: object) -> None:
    sys.exit(128 + signal.SIGTERM)
