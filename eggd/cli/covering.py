"""Runs pytest under coverage.py and writes the reports; `eggd cov` becomes this file.

    python -P covering.py PLAN [PYTEST ARGUMENTS]...

A script by path, which imports nothing of eggd: what is loaded before pytest cannot be rewritten by
it, and what is loaded before coverage.py is not counted. So failing tests have their reports, too,
and exit code and signals are those of one process.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import coverage
import pytest

BELOW = 2
"""Exit code where `fail_under` is not reached, as coverage.py's own."""


def main(plan: dict[str, Any], arguments: list[str]) -> int:
    """Runs the tests, write the reports, and return the exit code."""
    folder = Path(plan["folder"])
    sys.path.insert(0, str(Path.cwd()))  # as `python -m pytest` has it
    measured = coverage.Coverage(
        data_file=str(folder / plan["data"]), source=["."], omit=plan["omit"], branch=True
    )
    # The table says it better, and without a line of ours.
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
    least = float(measured.get_option("report:fail_under") or 0)  # type: ignore[arg-type]
    return code or (BELOW if total < least else 0)


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
    hidden = (entry for entry in Path.cwd().iterdir() if not entry.name.startswith("."))
    for entry in hidden:
        yield from entry.rglob("*.py") if entry.is_dir() else [entry] * entry.match("*.py")


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1]), sys.argv[2:]))
