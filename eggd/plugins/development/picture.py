"""Where each step of a start stands in the picture, and which ones are slow: numbers alone.

A step that lies within another stands below it; what runs beside it stands further below. Its own
time is what none of the steps within it took.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eggd.plugins.development.starts import Start, Step

SLOW = 0.1
"""Part of its process's start from which a step's own time is marked as slow ..."""
SHORT = 50.0
"""... unless it is shorter than this, in milliseconds."""


@dataclass(slots=True)
class Bar:
    """One step as it is drawn."""

    step: Step
    """What it stands for."""
    row: int
    """0 is the uppermost line of its process."""
    own: float
    """Milliseconds of its own."""
    slow: bool = False
    """Whether it is one to look at first."""
    until: float = 0.0
    """Up to where steps within it have been accounted for."""


def bars(start: Start, slow_from: float) -> list[Bar]:
    """Returns the bars of a start in the order of their beginning.

    Slow is an own time of a tenth of the whole start or more, or a step of `slow_from` ms or more;
    never the process and its start as a whole, which hold the others.
    """
    least = max(SHORT, SLOW * (start.end - start.begin))
    placed = _placed(sorted(start.steps, key=lambda step: (step.start, -step.end)))
    for bar in placed:
        whole = bar.step.end - bar.step.start
        bar.slow = bar.row > 0 and (bar.own >= least or whole >= slow_from)
    return placed


def _placed(steps: Sequence[Step]) -> list[Bar]:
    found: list[Bar] = []
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
        found.append(bar)
    return found


def _holds(outer: Step, inner: Step) -> bool:
    """Whether a step is part of another; hooks that run at the same time are not."""
    within = outer.start <= inner.start and inner.end <= outer.end
    return within and not (outer.beside and inner.beside)
