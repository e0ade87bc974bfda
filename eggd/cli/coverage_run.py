"""Runs pytest under coverage.py and writes the reports; `eggd cov` replaces itself by this script.

    python -P coverage_run.py PLAN [PYTEST ARGUMENTS]...

A script by path, which imports nothing of eggd: pytest cannot rewrite the assertions of a module
that is imported before it, and coverage.py does not count its lines. One process, so that failing
tests have reports, too, and exit code and signals are pytest's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypedDict

import coverage
import pytest

BELOW = 2
"""Exit code below `fail_under`, the one of coverage.py."""


class Plan(TypedDict):
    """The settings that `eggd cov` passes as JSON."""

    folder: str
    data: str
    omit: list[str]
    reports: list[str]


def main(plan: Plan, arguments: list[str]) -> int:
    """Runs the tests, writes the reports, and returns the exit code."""
    folder = Path(plan["folder"])
    sys.path.insert(0, str(Path.cwd()))  # as `python -m pytest` does
    measured = coverage.Coverage(
        data_file=str(folder / plan["data"]), source=["."], omit=plan["omit"], branch=True
    )
    # The table shows the same without a line of coverage.py's own.
    measured.set_option("run:disable_warnings", ["no-data-collected"])
    measured.start()
    code = int(pytest.main(arguments))
    measured.stop()
    measured.get_data().touch_files([str(file) for file in _files()])
    measured.save()
    try:
        total = _report(measured, folder, plan["reports"])
    except coverage.CoverageException as exc:
        print(f"error: no report: {exc}", file=sys.stderr)
        return code or 1
    min_percent = float(measured.get_option("report:fail_under") or 0)  # type: ignore[arg-type]
    return code or (BELOW if total < min_percent else 0)


def _report(measured: coverage.Coverage, folder: Path, kinds: list[str]) -> float:
    writers: dict[str, Callable[[], float]] = {
        "term": lambda: measured.report(show_missing=True),
        "html": lambda: measured.html_report(directory=str(folder / "html")),
        "xml": lambda: measured.xml_report(outfile=str(folder / "coverage.xml")),
        "lcov": lambda: measured.lcov_report(outfile=str(folder / "lcov.info")),
        "json": lambda: measured.json_report(outfile=str(folder / "coverage.json")),
    }
    totals = [writers[kind]() for kind in kinds]
    if kinds != ["term"]:
        print(f"reports in {folder}/: {', '.join(sorted(each.name for each in folder.iterdir()))}")
    return totals[0]


def _files() -> Iterator[Path]:
    """Yields every Python file of the project: one that no test loads counts as not covered."""
    visible = (entry for entry in Path.cwd().iterdir() if not entry.name.startswith("."))
    for entry in visible:
        yield from entry.rglob("*.py") if entry.is_dir() else [entry] * entry.match("*.py")


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1]), sys.argv[2:]))
