"""Asks the agent of a running suite to rotate the log files, or to have them opened again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eggd.cli.agent_request import ask_agent
from eggd.errors import ControlError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenAnswer:
    """The answer of the agent."""

    renamed: Sequence[str] = ()
    """The new paths of the log files that were rotated."""
    reopened: int = 0
    """The number of processes that have opened their files again."""
    silent: Sequence[str] = ()
    """The processes that did not answer in time."""

    @property
    def problem(self) -> ControlError | None:
        """Returns the error for processes that did not answer; None if all have."""
        if not self.silent:
            return None
        return ControlError(
            f"no answer within 5 s: {', '.join(self.silent)}",
            hint="such a process opens the new files before it writes its next line",
        )


def reopen(directory: Path | None, action: str, doing: str) -> ReopenAnswer:
    """Returns the answer of the agent to `action`; raises as `ask_agent`, and ControlError for an
    answer in another form."""
    return _checked(ask_agent(directory, action, doing))


def _checked(answer: object) -> ReopenAnswer:
    """Returns the answer after checking its form: the suite's user has sent it, maybe to root."""
    count = answer.get("reopened") if isinstance(answer, dict) else None
    if isinstance(answer, dict) and isinstance(count, int):
        renamed, silent = _texts(answer.get("renamed")), _texts(answer.get("silent"))
        return ReopenAnswer(renamed=renamed, reopened=count, silent=silent)
    raise ControlError("the agent sent an invalid response")


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
