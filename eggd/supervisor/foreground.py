"""The main of `eggd start`: one suite with signals, control socket and pid file."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from eggd.errors import EggError, NotReadyError
from eggd.supervisor.control import Control
from eggd.supervisor.merged_output import ERR, MergedOutput
from eggd.supervisor.pidfile import PidFile
from eggd.supervisor.runtime_files import RuntimeFiles
from eggd.supervisor.settings import Settings
from eggd.supervisor.supervisor import Supervisor

HURRY = 3.0
"""Seconds that each process has to stop after a second signal."""

_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The inputs of `eggd start`."""

    settings: Settings
    """The suite."""
    title: str
    """Its name among this user's suites."""
    given: Path
    """The app's folder as it was given, absolute."""
    timeout: float
    """Seconds until it must be ready."""
    pidfile: PidFile
    """Its locked pid file."""
    merged_output: MergedOutput = field(default_factory=MergedOutput)
    """Takes the lines of all processes."""
    ready: Callable[[str], None] = lambda line: None
    """Called with one line when all processes are ready."""
    served: Callable[[], None] = lambda: None
    """Called each time a worker of `eggd dev` begins to serve new code."""
    failed: Callable[[EggError], None] = lambda error: None
    """Called with the error if the start fails."""
    say: Callable[[str], None] = lambda text: None
    """Called with each line of progress."""


Main = Callable[[Run], Coroutine[object, object, int]]


def run(this: Run, main: Main | None = None) -> int:
    """Runs the suite until it is stopped; returns the exit code: 0, or 1 if it cannot start.

    `main` replaces the main of `eggd start` (for `eggd dev`).
    """
    this.pidfile.write(this.title, this.given)
    os.chdir(this.pidfile.run)
    try:
        return asyncio.run((main or _main)(this))
    finally:
        this.pidfile.remove()


async def _main(this: Run) -> int:
    supervisor = Supervisor(this.settings, this.merged_output)
    control = Control(supervisor)
    files = RuntimeFiles(supervisor, this.pidfile.run, this.pidfile, control)
    with signals(supervisor), reaping(supervisor):
        try:
            await control.open()
            began = time.monotonic()
            with supervisor.reporting_to(this.say):  # the line below is the answer, not progress
                await _start(supervisor, this.timeout)
            line = f"eggd started on {supervisor.url} ({(time.monotonic() - began) * 1000:.0f}ms)"
            supervisor.say(line)
            this.ready(line)
            await supervisor.closed
        except EggError as exc:
            if not supervisor.stopping:
                supervisor.say(exc.line, ERR)
                this.failed(exc)
                return 1
            await supervisor.closed
        finally:
            await files.close()
            await control.close()
    return 1 if supervisor.broken else 0


async def _start(supervisor: Supervisor, timeout: float) -> None:
    starting = asyncio.ensure_future(supervisor.start())
    await asyncio.wait([starting], timeout=timeout)
    if not starting.done():
        waiting = supervisor.waiting
        starting.cancel()
        await asyncio.wait([starting])
        raise NotReadyError(
            f"not started, and nothing is left running: not ready within {timeout:g} s: {waiting}",
            hint="--timeout allows more",
        )
    starting.result()


@contextmanager
def signals(supervisor: Supervisor) -> Iterator[None]:
    """Stops at the first signal (CL-89); a second leaves each process HURRY s, a third 0 s.

    A signal that was ignored at the start stays ignored (nohup(1), a shell's background job);
    SIGTERM is always handled.
    """
    loop = asyncio.get_running_loop()
    stopping: list[asyncio.Task[None]] = []
    limits = iter((HURRY, 0.0))

    def stop(number: signal.Signals) -> None:
        if not stopping:
            supervisor.say(f"received {number.name}, stopping")
            stopping.append(loop.create_task(supervisor.stop()))
        elif (limit := next(limits, None)) is not None:
            supervisor.say(f"signal {number.name} again: processes are killed after {limit:g} s")
            supervisor.limit_stop(limit)

    heard = [each for each in _STOPPING if not _ignored(each)]
    for number in heard:
        loop.add_signal_handler(number, stop, number)
    try:
        yield
    finally:
        for number in heard:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)


def _ignored(number: signal.Signals) -> bool:
    return number != signal.SIGTERM and signal.getsignal(number) == signal.SIG_IGN


@contextmanager
def reaping(supervisor: Supervisor) -> Iterator[None]:
    """Reaps orphans if this is the first process of a container."""
    if os.getpid() != 1:
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGCHLD, lambda: reap(supervisor.pids))
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGCHLD)


def reap(watched: set[int]) -> None:
    """Reaps every child that has ended, except the pids `watched`, which are reaped elsewhere."""
    children_file = f"/proc/{os.getpid()}/task/{os.getpid()}/children"
    with suppress(OSError):
        for pid in map(int, Path(children_file).read_text(encoding="ascii").split()):
            if pid not in watched:
                with suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
