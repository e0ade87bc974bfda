"""All faults in random order on one host, under load, lines and messages; what grows meanwhile.

Each round is a shuffle of all rows. A step is one row of a few seconds; after it everything that is
enabled must run again. Latencies are not required: the windows of a step are too short.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass

from tests.chaos.clock import shifted_clock
from tests.chaos.growth import Growth
from tests.chaos.numbered import numbered, settle
from tests.chaos.rows import ROWS, Row, small_log_disk, small_memory
from tests.chaos.trial import Trial
from tests.host.host import Host

STEP = 6.0
"""Seconds of a step's row."""
PACE = 0.02
"""Seconds between two messages of a worker."""
DESCRIPTORS = 8
"""Descriptors by which a process may grow: files and sockets that it opens at first use."""
MEMORY = 24
"""MiB by which the resident memory of a process may grow: a worker warms up under load."""


def prepare(host: Host) -> None:
    """Writes what the rows need before the boot, all together."""
    small_memory(host)
    shifted_clock(host)
    small_log_disk(host, "/var/log", "64m")  # the journal stays in /run then


@dataclass(slots=True)
class Soak:
    """Steps on the host of a trial, for its seconds."""

    trial: Trial
    seed: int

    def run(self) -> None:
        """Raises BrokenPromiseError with all that did not hold."""
        trial, growth, broken, steps = self.trial, Growth(self.trial.host), [], 0
        growth.sample()
        end = time.monotonic() + trial.seconds
        for steps, row in enumerate(self._order(), 1):
            if problem := self._step(row, growth):
                broken.append(f"step {steps}, {row.name}: {problem}")
            _say(trial.host, steps, row, problem)
            if time.monotonic() >= end:
                break
        most = growth.most()
        grown = f"{most.descriptors} descriptors, {most.memory / (1 << 20):.0f} MiB"
        trial.notes.append(f"seed {self.seed}; {steps} steps; a process grew by at most {grown}")
        trial.require(not broken, "; ".join(broken))
        trial.require(most.descriptors <= DESCRIPTORS, "descriptors grow")
        trial.require(most.memory <= MEMORY << 20, "memory grows")

    def _order(self) -> Iterator[Row]:
        chance = random.Random(self.seed)
        while True:
            yield from chance.sample(ROWS, len(ROWS))

    def _step(self, row: Row, growth: Growth) -> str:
        """Runs a row; returns what did not hold."""
        whole = self.trial
        trial = Trial(whole.host, STEP, whole.rate, whole.deb, soak=True)
        try:
            with nullcontext() if row.loses_lines else numbered(trial, pace=PACE):
                row.run(trial)
            settle(trial.host)
            growth.sample()
        except Exception as exc:
            return f"{type(exc).__name__}: {exc}"[:600]
        return ""


def _say(host: Host, step: int, row: Row, problem: str) -> None:
    text = problem or "holds"
    print(f"{host.container.name} step {step}: {row.name}: {text}", file=sys.stderr, flush=True)


def soak(seed: int) -> Row:
    """Returns the row of a soak whose order depends on the seed alone."""
    return Row(
        "soak: all faults in random order",
        "as each row, without latencies; no line or message lost; no growth, no zombie",
        lambda trial: Soak(trial, seed).run(),
        prepare,
    )
