"""Real worker processes for the tests of a shared listener and page."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.program import Program

ACCEPTING = Path(__file__).with_name("accepting.py")


@contextmanager
def process(*arguments: str, fds: tuple[int, ...] = ()) -> Iterator[subprocess.Popen[str]]:
    """A Python process that has printed its first line; it ends with its input."""
    with Program(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        pass_fds=fds,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() in ("held", "ready")
        yield child
        if child.returncode is None:
            child.communicate()


def worker(
    listener: socket.socket, page: Path, slot: int, files: str = "", steps: str = ""
) -> AbstractContextManager[subprocess.Popen[str]]:
    """Starts a worker on a listener that the test keeps open, too."""
    fd = listener.fileno()
    return process(str(ACCEPTING), str(fd), str(page), str(slot), files, steps, fds=(fd,))
