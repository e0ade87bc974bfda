"""One host under load, with the actions of an operator and the windows of a measurement."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.answers import Answer, Window, compare, failures, others
from tests.host.host import PORT, Host
from tests.program import Program

WORKERS = 4


class BrokenPromiseError(AssertionError):
    """A result that the table does not allow."""


@dataclass(slots=True)
class Trial:
    """A host with four workers, the load on it, and what was noted about it."""

    host: Host
    seconds: float
    rate: float
    deb: Path
    """The package that is installed on the host."""
    port: int = PORT
    answers: list[Answer] = field(default_factory=list)
    victims: list[int] = field(default_factory=list)
    """Pids of processes that the row killed."""
    agent_kills: int = 0
    """The number of those that were the agent's."""
    pairs: list[tuple[Window, Window]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Figures for the table."""
    soak: bool = False
    """Whether this is a step of a soak: its windows are too short to require a latency."""

    @contextmanager
    def load(self) -> Iterator[None]:
        """Runs the load in the block, and collects its answers."""
        argv = [sys.executable, "-m", "tests.chaos.load", str(self.port), str(self.rate)]
        with Program(
            self.host.container.network_command(*argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            if process.stdout.readline() != "running\n":
                raise RuntimeError("the load did not start")
            try:
                yield
            finally:
                printed, _ = process.communicate(timeout=120)
        self.answers = [Answer(*each) for each in json.loads(printed)]

    def quiet(self, seconds: float) -> Window:
        """Leaves the host alone for a while; returns the window."""
        begin = time.monotonic()
        time.sleep(seconds)
        return Window(begin, time.monotonic())

    def pair(self, action: Callable[[], object], *, quiet: float = 2.0) -> None:
        """Measures an action beside a quiet window that precedes it."""
        before = self.quiet(quiet)
        begin = time.monotonic()
        action()
        self.pairs.append((before, Window(begin, time.monotonic())))

    def repeat(self, action: Callable[[], object], *, every: float) -> None:
        """Repeats an action, `every` seconds apart, for the length of the row."""
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            action()
            time.sleep(every)

    def kill(self, unit: str) -> None:
        """Kills the main process of a unit with SIGKILL; a unit without a process is left alone."""
        if pid := self.host.pid(unit):
            self.victims.append(pid)
            self.agent_kills += unit == "egg-agent"
            self.host.run(f"kill -9 {pid}", check=False)

    def pids(self) -> list[int]:
        """Returns the main pids of agent and workers."""
        return [self.host.pid("egg-agent"), *self.host.pids(WORKERS).values()]

    def ratio(self) -> float:
        """Returns the p99 of the faulty windows by that of the quiet ones, the median of pairs."""
        value = compare(self.answers, self.pairs)
        self.notes.append(f"p99 {value.ratio:.1f} times quiet ({value.quiet * 1000:.1f} ms)")
        return value.ratio

    def require(self, holds: bool, text: str) -> None:
        """Raises BrokenPromiseError with a text unless something holds."""
        if not holds:
            raise BrokenPromiseError(text)

    def require_none_failed(self) -> None:
        """Requires that each request got its answer."""
        failed = failures(self.answers)
        self.notes.append(f"{sum(failed.values())} of {len(self.answers):,} failed")
        self.require(not failed, f"failed requests: {dict(failed)}")

    def require_only_victims(self) -> None:
        """Requires that only requests on the connections of killed processes failed."""
        failed, wrong = failures(self.answers), others(self.answers, self.victims)
        total = f"{sum(failed.values())} of {len(self.answers):,} failed"
        self.notes.append(f"{total}, {failed['refused']} refused, {len(self.victims)} kills")
        self.require(not wrong, f"failures on other connections: {dict(failures(wrong))}")

    def require_ratio(self, most: float) -> None:
        """Requires a ratio of percentiles."""
        value = self.ratio()
        self.require(value <= most or self.soak, f"p99 {value:.2f} times quiet, promised {most}")


@contextmanager
def background(action: Callable[[threading.Event], None]) -> Iterator[None]:
    """Runs an action in a thread beside the block; it ends when its event is set."""
    stop = threading.Event()
    errors: list[BaseException] = []

    def run() -> None:
        try:
            action(stop)
        except BaseException as exc:
            errors.append(exc)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if errors:
        raise errors[0]
