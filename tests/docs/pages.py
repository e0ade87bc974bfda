"""A page of docs/ as steps: files that it writes, commands that it runs (README.md here)."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MARK = re.compile(r"<!-- *(file|append|run|fresh)(?:: *(.*?))? *-->")


@dataclass(frozen=True)
class Step:
    """One marker: `verb` of `what`, with the block that follows it."""

    line: int
    verb: str
    what: str
    block: str

    @property
    def command(self) -> str:
        return self.what.partition(" => ")[0].strip()

    @property
    def expected(self) -> list[str]:
        """The texts that the output must contain."""
        said = self.what.partition(" => ")[2].strip()
        return [said] if said else [line for line in self.block.splitlines() if line.strip()]


def steps(page: Path) -> Iterator[Step]:
    """Yields the steps of a page, top to bottom."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        mark = _MARK.fullmatch(line.strip())
        if mark:
            yield Step(number + 1, mark[1], mark[2] or "", _block(lines[number + 1 :]))


def _block(lines: list[str]) -> str:
    """Returns the block that the lines begin with, or nothing."""
    start = next((n for n, line in enumerate(lines) if line.strip()), None)
    if start is None:
        return ""
    if lines[start].startswith("```"):
        end = next(n for n in range(start + 1, len(lines)) if lines[n].startswith("```"))
        return "\n".join([*lines[start + 1 : end], ""])
    end = start
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith("    ")):
        end += 1
    return textwrap.dedent("\n".join(lines[start:end])).strip("\n") + "\n"
