"""Passes on the output of a confined child as text, until it ends or exceeds its bounds.

The output ends with the child's first process; other processes of its group are then killed and not
waited for.
"""

from __future__ import annotations

import codecs
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from eggd.cli.progress import announce_loading
from eggd.errors import ProgramError
from eggd.wire.terminal import visible

GRACE = 5.0
"""Seconds from SIGINT to SIGKILL when the caller interrupts."""

_PIECE, _PIPE = 1 << 16, 1 << 20
"""Bytes of one read, and the most that a pipe of an unprivileged user holds (pipe(7))."""

Sink = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of a child; 0 means no limit."""

    seconds: float = 0.0
    """Seconds until it must end."""
    output: int = 0
    """Most bytes that it may print."""


QUESTION = Bounds(seconds=120.0, output=16 << 20)
"""The limits of a command that loads an app and reports on it."""
COMPLETION = Bounds(seconds=5.0, output=1 << 20)
"""The limits of a completion, at each press of Tab."""
WORK = Bounds()
"""No limits: for commands of an app, and for tests."""


def relay(child: subprocess.Popen[bytes], base_dir: Path, bounds: Bounds) -> int:
    """Shows the child's output until it ends; returns its exit code.

    An interrupt is passed on to the child, which then has GRACE seconds to end. Raises ProgramError
    if a signal ended it, or it exceeded a limit.
    """
    sinks = (_Text(sys.stdout).write, _Text(sys.stderr).write)
    with _ended(child), _Streams(child, sinks, bounds) as streams:
        try:
            with announce_loading(base_dir):
                streams.wait()
            streams.run()
        except KeyboardInterrupt:
            os.killpg(child.pid, signal.SIGINT)
            streams.run(GRACE)
    return _code(child.returncode)


def collect(child: subprocess.Popen[bytes], bounds: Bounds) -> tuple[bytes, bytes]:
    """Returns the child's output on both pipes; raises ProgramError as `relay` does."""
    out, err = bytearray(), bytearray()
    with _ended(child), _Streams(child, (out.extend, err.extend), bounds) as streams:
        streams.run()
    return bytes(out), bytes(err)


class _Streams:
    """The two pipes of a child, and its pidfd, which reports its end."""

    def __init__(
        self, child: subprocess.Popen[bytes], sinks: tuple[Sink, Sink], bounds: Bounds
    ) -> None:
        # Readable when the child ends: the pipes stay open as long as its group writes.
        self._pidfd = os.pidfd_open(child.pid)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._pidfd, selectors.EVENT_READ)
        self._left = bounds.output or sys.maxsize
        """Bytes that the child may still print."""
        self._bounds = bounds
        # The current limit in seconds, and its end on the monotonic clock; 0 without a limit.
        self._seconds = self._until = 0.0
        self._limit(bounds.seconds)
        pipes = (pipe.fileno() for pipe in (child.stdout, child.stderr) if pipe is not None)
        # By descriptor: what takes the bytes of each pipe.
        self._sinks = dict(zip(pipes, sinks, strict=True))
        for fd in self._sinks:
            os.set_blocking(fd, False)
            self._selector.register(fd, selectors.EVENT_READ)

    def __enter__(self) -> _Streams:
        return self

    def __exit__(self, *error: object) -> None:
        self._selector.close()
        os.close(self._pidfd)

    def wait(self) -> list[int]:
        """Returns the ready descriptors; raises ProgramError at the end of the child's time."""
        seconds = self._until - time.monotonic() if self._until else None
        ready = [] if seconds is not None and seconds <= 0 else self._selector.select(seconds)
        if not ready:
            raise ProgramError(f"the app's code did not end within {self._seconds:g} s")
        return [key.fd for key, _ in ready]

    def run(self, seconds: float = 0.0) -> None:
        """Passes on output until the child has ended, then the rest of the pipes."""
        self._limit(seconds)
        while self._pidfd not in (ready := self.wait()):
            for fd in ready:
                self._pass_on(fd)
        # A surviving process of its group may keep writing: read at most what a pipe holds.
        for fd in self._sinks:
            any(not self._pass_on(fd) for _ in range(_PIPE // _PIECE))

    def _limit(self, seconds: float) -> None:
        if seconds:
            self._seconds, self._until = seconds, time.monotonic() + seconds

    def _pass_on(self, fd: int) -> bool:
        """Passes on one piece; returns False at the end of the pipe."""
        try:
            data = os.read(fd, _PIECE)
        except BlockingIOError:
            return False
        if not data:
            with suppress(KeyError):
                self._selector.unregister(fd)
            return False
        self._left -= len(data)
        if self._left < 0:
            raise ProgramError(f"the app's code printed more than {self._bounds.output} bytes")
        self._sinks[fd](data)
        return True


class _Text:
    """Decodes bytes that arrive in pieces, and shows them as text."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def write(self, data: bytes) -> None:
        text = self._decoder.decode(data).replace("\r\n", "\n")
        self._stream.write(visible(text))
        self._stream.flush()


@contextmanager
def _ended(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Kills the child's group before the child is reaped, which frees its number."""
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        for pipe in filter(None, (child.stdout, child.stderr)):
            pipe.close()
        child.wait()


def _code(returned: int) -> int:
    if returned >= 0:
        return returned
    if returned == -signal.SIGINT:
        raise KeyboardInterrupt
    raise ProgramError(f"the app's code ended the process by {signal.Signals(-returned).name}")
