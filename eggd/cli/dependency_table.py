"""The servers that the processes of a suite need, as rows of a table: `eggd status`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eggd.app.dependencies import FIGURE, checked

HEADINGS = ("dependency", "state", "in", "")
WORKS, DOWN = "works", "down"

_MOST = 6
"""Workers that a row names; it counts more than these."""


def rows(view: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Returns name, state, processes and problem of each dependency; [] without one.

    Processes that report the same are one row.
    """
    reports: dict[str, dict[str, list[str]]] = {}
    for process, figure in _figures(view):
        for name, problem in checked(figure).items():
            reports.setdefault(name, {}).setdefault(problem, []).append(process)
    return [
        (name, DOWN if problem else WORKS, _title(processes), problem)
        for name, problems in sorted(reports.items())
        for problem, processes in sorted(problems.items(), key=lambda each: bool(each[0]))
    ]


def _figures(view: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Yields the running processes with what they have reported: "agent", or a slot."""
    for each in (view["agent"], *view["workers"]):
        if each["pid"]:
            yield str(each.get("slot", "agent")), each.get(FIGURE)


def _title(processes: list[str]) -> str:
    """Returns `agent, workers 1, 2`."""
    slots = [each for each in processes if each != "agent"]
    titles = ["agent"] if len(slots) < len(processes) else []
    if len(slots) > _MOST:
        titles.append(f"{len(slots)} workers")
    elif slots:
        titles.append(f"worker{'s' * (len(slots) > 1)} {', '.join(slots)}")
    return ", ".join(titles)
