"""`LineError`: what the parsers of environment and unit files raise."""

from __future__ import annotations


class LineError(ValueError):
    """A line that systemd would drop, misread or reject; `line` counts from 1."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem
