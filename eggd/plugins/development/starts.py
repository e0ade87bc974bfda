"""The last start of every process of the suite, from the files that each one wrote (core:DEV-4).

    run/agent_timing_0.json, application_timing_N.json     one a process, replaced by its next start

What a file says is not believed: one that is broken is named, and the others are shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE = re.compile(r"(agent|application)_timing_(\d+)\.json")
_LONGEST = 300
"""Characters of a name that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One item of a start; times are milliseconds since the epoch."""

    name: str
    """What was done."""
    start: float
    """When it began."""
    end: float
    """When it was done; if it never was, when this start was given up."""
    pid: int
    """The process."""
    beside: bool
    """Whether it ran at the same time as others of its kind, as hooks do."""
    unfinished: bool
    """Whether it was still under way when the start ended: what it was waiting for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The start of one process."""

    role: str
    """`agent` or `worker`."""
    slot: int
    """The worker's number; 0 for the agent, and for the spare of a reload."""
    steps: list[Step]
    """At least one."""

    @property
    def pid(self) -> int:
        """The process."""
        return self.steps[0].pid

    @property
    def title(self) -> str:
        """How the process is called: `worker 2`."""
        return f"worker {self.slot}" if self.role == "worker" else self.role

    @property
    def unfinished(self) -> bool:
        """Whether it was given up."""
        return any(step.unfinished for step in self.steps)

    @property
    def begin(self) -> float:
        """When its first step began."""
        return min(step.start for step in self.steps)

    @property
    def end(self) -> float:
        """When its last step was done."""
        return max(step.end for step in self.steps)


def read(folder: Path) -> tuple[list[Start], list[str]]:
    """Returns the starts, the agent's first, and a line for each file that cannot be used."""
    starts: list[Start] = []
    broken: list[str] = []
    for path, role, slot in _files(folder):
        try:
            starts.append(_start(path, role, slot))
        except (OSError, ValueError, TypeError, KeyError) as exc:
            broken.append(f"{path.name} cannot be read: {type(exc).__name__}: {exc}"[:_LONGEST])
    return starts, broken


def clean(folder: Path) -> None:
    """Deletes the files of processes that have ended (core:DEV-4). Raises OSError if it cannot."""
    for path, role, slot in _files(folder):
        try:
            pid = _start(path, role, slot).pid
        except (OSError, ValueError, TypeError, KeyError):
            pid = 0
        if not pid or not Path(f"/proc/{pid}").exists():
            path.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[tuple[Path, str, int]]:
    found = [(path, _FILE.fullmatch(path.name)) for path in folder.glob("*_timing_*.json")]
    named = [(match[1], int(match[2]), path) for path, match in found if match]
    for kind, slot, path in sorted(named):
        yield path, "agent" if kind == "agent" else "worker", slot


def _start(path: Path, role: str, slot: int) -> Start:
    items = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(items, list) or not items:
        raise ValueError("no items")
    return Start(role=role, slot=slot, steps=[_step(item) for item in items])


def _step(item: dict[str, Any]) -> Step:
    start, end = float(item["start"]), item["end"]
    return Step(
        name=str(item["name"])[:_LONGEST],
        start=start,
        end=max(start, start + float(item["duration"]) if end is None else float(end)),
        pid=int(item["pid"]),
        beside=item["beside"] is True,
        unfinished=end is None,
    )
