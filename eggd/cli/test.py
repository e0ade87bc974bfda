"""`eggd test`: runs the project's tests by pytest, with eggd's fixtures."""

from __future__ import annotations

import click

from eggd.cli import parameters, pytest_run
from eggd.cli.current_app import enter_project

EXAMPLES = """\b
Examples:
  eggd test                              everything in tests/
  eggd test tests/app -k "user or login" --bail
  eggd test --changed                    test files that differ from git's HEAD
  eggd test --parallel -- --maxfail=3    arguments after -- are pytest's
\b
Exit codes: those of pytest; 0 all passed, 1 some failed, 5 no test was selected.
"""


@click.command(epilog=EXAMPLES)
@parameters.paths
@parameters.grep
@click.option("-x", "-b", "--bail", is_flag=True, help="Stop at the first failure.")
@click.option(
    "-t",
    "--timeout",
    type=parameters.Seconds(min=0),
    metavar="SECONDS",
    envvar="TEST_TIMEOUT",
    help="Seconds per test (default: 60); needs pytest-timeout.",
)
@click.option("--no-timeout", is_flag=True, help="Run each test without a time limit.")
@click.option("-c", "--changed", is_flag=True, help="Run only test files changed in git.")
@click.option("-p", "--parallel", is_flag=True, help="Run one process per CPU; needs pytest-xdist.")
@click.option(
    "--jobs", type=parameters.Count(), metavar="N", help="Number of processes (default: 1)."
)
@parameters.dry_run
def command(
    paths: tuple[str, ...],
    grep: tuple[str, ...],
    bail: bool,
    timeout: float | None,
    no_timeout: bool,
    changed: bool,
    parallel: bool,
    jobs: int | None,
    dry_run: bool,
) -> None:
    """Runs the tests of the project in the current directory, in environment `unittest`.

    EGG_SERVER_ENV selects another environment; TESTS names paths, separated by commas.
    """
    enter_project()
    pytest_run.need("pytest")
    chosen = paths or pytest_run.paths_of_environment()
    if changed:
        chosen = (*chosen, *pytest_run.changed())
        if not chosen:
            click.echo("no changed test files")
            return
    if pytest_run.nothing_to_run(chosen):
        return
    selection = pytest_run.Selection(
        paths=chosen,
        grep=grep,
        bail=bail,
        timeout=0.0 if no_timeout else timeout,
        jobs=str(jobs) if jobs else "auto" * parallel,
    )
    pytest_run.replace(["-m", "pytest", *selection.arguments()], dry_run=dry_run)
