"""The last start of every process of the suite, read from the file that each process writes.

    run/agent_timing_0.json, application_timing_N.json     replaced by the next start

A file that cannot be read is named in a note; the others are shown.
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
"""Characters of a name or note that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One item of a start; times are milliseconds since the epoch."""

    name: str
    """The name of the step."""
    start: float
    """Its begin."""
    end: float
    """Its end; of an unfinished step, the time when the start was given up."""
    pid: int
    """The process id."""
    beside: bool
    """Whether it ran concurrently with others of its kind, as hooks do."""
    unfinished: bool
    """Whether it was still running when the start was given up."""


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
        """The process id."""
        return self.steps[0].pid

    @property
    def title(self) -> str:
        """The name of the process: `worker 2`."""
        return f"worker {self.slot}" if self.role == "worker" else self.role

    @property
    def unfinished(self) -> bool:
        """Whether the start was given up."""
        return any(step.unfinished for step in self.steps)

    @property
    def begin(self) -> float:
        """The begin of its first step."""
        return min(step.start for step in self.steps)

    @property
    def end(self) -> float:
        """The end of its last step."""
        return max(step.end for step in self.steps)


def read(folder: Path) -> tuple[list[Start], list[str]]:
    """Returns the starts, the agent's first, and a note for each file that cannot be read."""
    starts: list[Start] = []
    unreadable: list[str] = []
    for path, role, slot in _files(folder):
        try:
            starts.append(_start(path, role, slot))
        except (OSError, ValueError, TypeError, KeyError) as exc:
            unreadable.append(f"{path.name} cannot be read: {type(exc).__name__}: {exc}"[:_LONGEST])
    return starts, unreadable


def clean(folder: Path) -> None:
    """Deletes the files of processes that have ended. Raises OSError if it cannot."""
    for path, role, slot in _files(folder):
        try:
            pid = _start(path, role, slot).pid
        except (OSError, ValueError, TypeError, KeyError):
            pid = 0
        if not pid or not Path(f"/proc/{pid}").exists():
            path.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[tuple[Path, str, int]]:
    matches = [(path, _FILE.fullmatch(path.name)) for path in folder.glob("*_timing_*.json")]
    files = [(match[1], int(match[2]), path) for path, match in matches if match]
    for kind, slot, path in sorted(files):
        yield path, "agent" if kind == "agent" else "worker", slot


def _start(path: Path, role: str, slot: int) -> Start:
    items = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(items, list) or not items:
        raise ValueError("no steps")
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
