"""`eggd cov`: runs the project's tests and reports code coverage."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import click

from eggd.cli import parameters, pytest_run
from eggd.cli.current_app import enter_project
from eggd.errors import DirectoryError

FOLDER = Path("coverage")
DATA = "data"
"""The data file of coverage.py in the folder; it marks the folder as one of `eggd cov`."""

REPORTS = ("term", "html", "xml", "lcov", "json")

OMIT = (
    *("tests/*", "test/*", "*/fixtures/*", "*/public/*", "*/view/*", "*/node_modules/*"),
    *(".venv/*", "coverage/*", "run/*", "logs/*", "build/*", "dist/*"),
)
"""Files that are not the project's own code (core:BIN-13)."""

EXAMPLES = """\b
Examples:
  eggd cov                             all reports, in coverage/
  eggd cov --report term tests/app     only the table
  eggd cov -x "app/legacy/*"
\b
Exit codes: those of eggd test; 2 below `fail_under` of the project's [tool.coverage.report].
"""


@click.command(epilog=EXAMPLES)
@parameters.paths
@parameters.grep
@click.option("-b", "--bail", is_flag=True, help="Stop at the first failure.")
@click.option("-x", "--exclude", multiple=True, metavar="PATTERN", help="Leave out these files.")
@click.option(
    "--report", multiple=True, type=click.Choice(REPORTS), help="Report format (default: all)."
)
@parameters.dry_run
def command(
    paths: tuple[str, ...],
    grep: tuple[str, ...],
    bail: bool,
    exclude: tuple[str, ...],
    report: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Runs the project's tests and reports code coverage, also of files that no test loads.

    The reports are written even if tests fail: coverage/html, coverage.xml (Cobertura),
    lcov.info, coverage.json. COV_EXCLUDES names more patterns, separated by commas.
    """
    enter_project()
    for module in ("pytest", "coverage"):
        pytest_run.need(module)
    chosen = paths or pytest_run.paths_of_environment()
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
        _clear(FOLDER)
    runner = Path(__file__).with_name("coverage_run.py")
    argv = ["-P", str(runner), json.dumps(plan), *selection.arguments()]
    pytest_run.replace(argv, dry_run=dry_run)


def _clear(folder: Path) -> None:
    """Removes the last run's reports, but not a folder of another program."""
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / DATA).is_file():
            raise DirectoryError(
                f"{folder.absolute()} was not created by eggd cov", hint="move it elsewhere"
            )
        shutil.rmtree(folder)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as exc:
        raise DirectoryError(
            f"{folder.absolute()} cannot be created: {exc.strerror}",
            hint="run eggd cov as the owner of the project",
        ) from exc
