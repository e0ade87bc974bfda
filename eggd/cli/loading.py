"""Runs the code of an app for a command: redirects its output, reports its exit."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from eggd.cli.progress import announce_loading
from eggd.failure import load_error


@contextmanager
def loading(base_dir: Path) -> Iterator[None]:
    """Announces the app that is loaded inside, and guards the command against its code.

    What the app prints goes to standard error: a program may read the command's output. Raises
    LoadError where the app's code ends the process, which a start would not survive either.
    """
    with announce_loading(base_dir), _stdout_to_stderr(), _catchable_exit():
        try:
            yield
        except SystemExit as exc:
            raise load_error(exc, base_dir) from exc


@contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    """Redirects the descriptor, so that children and C code are redirected, too."""
    sys.stdout.flush()
    original = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(original, 1)
        os.close(original)


@contextmanager
def _catchable_exit() -> Iterator[None]:
    """Makes `os._exit` raise SystemExit in this process: it would end the command in silence."""
    real, pid = os._exit, os.getpid()

    def leave(status: int) -> NoReturn:
        if os.getpid() != pid:  # a child that the app forked
            real(status)
        raise SystemExit(f"os._exit({status})")

    os._exit = leave
    try:
        yield
    finally:
        os._exit = real
