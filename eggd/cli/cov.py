"""`eggd cov`: the project's tests, and which of its lines they ran."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import click

from eggd.cli import pytest_run
from eggd.cli.target import develop
from eggd.errors import BootError

FOLDER = Path("coverage")
DATA = "data"
"""coverage.py's own file in the folder: the mark by which the folder is known as ours."""

REPORTS = ("term", "html", "xml", "lcov", "json")

OMIT = (
    *("tests/*", "test/*", "*/fixtures/*", "*/public/*", "*/view/*", "*/node_modules/*"),
    *(".venv/*", "coverage/*", "run/*", "logs/*", "build/*", "dist/*"),
)
"""What is not the project's own code (core:BIN-13)."""

EXAMPLES = """\b
Examples:
  eggd cov                             all reports, in coverage/
  eggd cov --report term tests/app     a table alone
  eggd cov -x "app/legacy/*"
\b
Exit codes: those of eggd test; 2 below `fail_under` of the project's [tool.coverage.report].
"""


@click.command(epilog=EXAMPLES)
@click.argument("paths", metavar="[PATHS]... [-- PYTEST ARGUMENTS]", nargs=-1)
@click.option("-k", "-g", "--grep", multiple=True, metavar="EXPR", help="Only tests that fit EXPR.")
@click.option("-b", "--bail", is_flag=True, help="End at the first failure.")
@click.option("-x", "--exclude", multiple=True, metavar="PATTERN", help="Files not to count.")
@click.option("--report", multiple=True, type=click.Choice(REPORTS), help="Only such reports.")
@click.option("-d", "--dry-run", is_flag=True, help="Print the command, and do not run it.")
def command(
    paths: tuple[str, ...],
    grep: tuple[str, ...],
    bail: bool,
    exclude: tuple[str, ...],
    report: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Runs the tests and count the lines of the project that they ran, those never loaded too.

    The reports are written also where tests fail: coverage/html, coverage.xml (Cobertura),
    lcov.info, coverage.json. COV_EXCLUDES names more patterns, separated by commas.
    """
    develop()
    for module in ("pytest", "coverage"):
        pytest_run.need(module)
    chosen = paths or pytest_run.of_environment()
    if pytest_run.nothing_to_run(chosen):
        return
    selection = pytest_run.Selection(paths=chosen, grep=grep, bail=bail)
    plan = {
        "folder": str(FOLDER),
        "data": DATA,
        "omit": [*OMIT, *exclude, *filter(None, os.environ.get("COV_EXCLUDES", "").split(","))],
        "reports": report or REPORTS,
    }
    if not dry_run:
        _emptied(FOLDER)
    runner = Path(__file__).with_name("covering.py")
    argv = ["-P", str(runner), json.dumps(plan), *selection.arguments()]
    pytest_run.replace(argv, dry_run=dry_run)


def _emptied(folder: Path) -> None:
    """Removes the last run's reports; a folder that is not ours is not touched."""
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / DATA).is_file():
            raise BootError(
                f"{folder.absolute()} was not made by eggd cov", hint="move it out of the way"
            )
        shutil.rmtree(folder)
    folder.mkdir(exist_ok=True)
