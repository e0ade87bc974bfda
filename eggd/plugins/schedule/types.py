"""Types of jobs that no strategy has, for `eggd check`, which does not run all hooks of the agent.

`agent.schedule.use("cluster", ...)` may stand in a hook that connects to things. So a type that an
`agent.py` mentions as text is taken as known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from eggd import LoadError, misspelt, suggestion_or_list
from eggd.plugins.schedule.job import Job
from eggd.plugins.schedule.options import TYPES


def check_types(jobs: Iterable[Job], agent_files: Iterable[Path]) -> list[str]:
    """Returns a warning for each type that the agent may not have.

    Raises LoadError for a misspelt one, and for any other if there is no `agent.py`.
    """
    sources = [file.read_text(errors="replace") for file in agent_files]
    return list(_warnings([job for job in jobs if job.options.type not in TYPES], sources))


def _warnings(jobs: Iterable[Job], sources: list[str]) -> Iterator[str]:
    for job in jobs:
        kind = job.options.type
        if any(f'"{kind}"' in text or f"'{kind}'" in text for text in sources):
            continue
        problem = f"{job.place('type')}: schedule type {kind!r} is not defined"
        if misspelt(kind, TYPES) or not sources:
            raise LoadError(problem, hint=suggestion_or_list(kind, TYPES))
        yield f"{problem} in agent.py ({suggestion_or_list(kind, TYPES)})"
