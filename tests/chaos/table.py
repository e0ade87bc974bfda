"""The results as lines of a Markdown table, with the machine that they are from."""

from __future__ import annotations

import datetime
import os
import platform
import re
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HEAD = "| Debian | fault | required | holds | seen |\n|---|---|---|---|---|"


@dataclass(frozen=True, slots=True)
class Result:
    """A line of the table."""

    suite: str
    row: str
    required: str
    holds: bool
    seen: str
    """Figures, or what did not hold."""
    seconds: float
    """The length of the row."""

    def line(self) -> str:
        """Returns the line."""
        state, seen = "yes" if self.holds else "**no**", " ".join(self.seen.split())
        return f"| {self.suite} | {self.row} | {self.required} | {state} | {seen} |"


def page(results: Iterable[Result]) -> str:
    """Returns the whole table, below date, machine and command."""
    command = shlex.join(["python", "-m", "tests.chaos", *sys.argv[1:]])
    date = datetime.date.today()
    return "\n".join([f"{date}, {machine()}, `{command}`:\n", HEAD, *(r.line() for r in results)])


def machine() -> str:
    """Returns processors, memory and kernel of this machine."""
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    model = found[1] if found else platform.machine()
    return f"{os.cpu_count()} CPUs ({model}), {gib:.0f} GiB, Linux {platform.release()}"
