"""The layout of a start as a timeline: the row of each step, its own time, and which are slow.

A step within another has a lower row; steps that run at the same time have further rows. The own
time of a step excludes the time of the steps within it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eggd.plugins.development.starts import Start, Step

SLOW = 0.1
"""A step is slow if its own time is at least this part of the whole start,"""
SHORT = 50.0
"""And at least this number of milliseconds."""


@dataclass(slots=True)
class Bar:
    """One step in the timeline."""

    step: Step
    """The step."""
    row: int
    """The row within its process; 0 is the top."""
    own: float
    """Milliseconds without the steps within it."""
    slow: bool = False
    """Whether to mark it."""
    until: float = 0.0
    """The end of the last step within it that is subtracted from `own`."""


def bars(start: Start, slow_from: float) -> list[Bar]:
    """Returns the bars of a start, ordered by their begin.

    A step is slow by its own time (SLOW, SHORT), or if it takes `slow_from` ms or more. Row 0, the
    whole start, is never marked.
    """
    min_duration = max(SHORT, SLOW * (start.end - start.begin))
    placed = _place(sorted(start.steps, key=lambda step: (step.start, -step.end)))
    for bar in placed:
        whole = bar.step.end - bar.step.start
        bar.slow = bar.row > 0 and (bar.own >= min_duration or whole >= slow_from)
    return placed


def _place(steps: Sequence[Step]) -> list[Bar]:
    placed: list[Bar] = []
    last: list[Bar] = []  # of each row
    for step in steps:
        bar = Bar(step, 0, step.end - step.start, until=step.start)
        holder = next((each for each in reversed(last) if _holds(each.step, step)), None)
        if holder is not None:
            bar.row = holder.row + 1
            holder.own -= max(0.0, step.end - max(holder.until, step.start))
            holder.until = max(holder.until, step.end)
        while bar.row < len(last) and last[bar.row].step.end > step.start:
            bar.row += 1
        last[bar.row : bar.row + 1] = [bar]
        placed.append(bar)
    return placed


def _holds(outer: Step, inner: Step) -> bool:
    """Whether a step is part of another; hooks that run concurrently are not."""
    within = outer.start <= inner.start and inner.end <= outer.end
    return within and not (outer.beside and inner.beside)
