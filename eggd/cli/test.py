"""`eggd test`: the project's tests, by pytest with eggd's fixtures."""

from __future__ import annotations

import click

from eggd.cli import pytest_run
from eggd.cli.target import develop

EXAMPLES = """\b
Examples:
  eggd test                              everything in tests/
  eggd test tests/app -k "user or login" --bail
  eggd test --changed                    test files that differ from git's HEAD
  eggd test --parallel -- --maxfail=3    what follows -- is for pytest
\b
Exit codes: pytest's own; 0 all passed, 1 some failed, 5 none was chosen.
"""


@click.command(epilog=EXAMPLES)
@click.argument("paths", metavar="[PATHS]... [-- PYTEST ARGUMENTS]", nargs=-1)
@click.option("-k", "-g", "--grep", multiple=True, metavar="EXPR", help="Only tests that fit EXPR.")
@click.option("-x", "-b", "--bail", is_flag=True, help="End at the first failure.")
@click.option(
    "-t",
    "--timeout",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    envvar="TEST_TIMEOUT",
    help="Longest time of one test, 60 unless said; needs pytest-timeout.",
)
@click.option("--no-timeout", is_flag=True, help="Let tests take their time.")
@click.option("-c", "--changed", is_flag=True, help="Only test files that git calls changed.")
@click.option("-p", "--parallel", is_flag=True, help="One process per CPU; needs pytest-xdist.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="So many processes.")
@click.option("-d", "--dry-run", is_flag=True, help="Print the command, and do not run it.")
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
    """Runs the tests of the project that one stands in, in the environment `unittest`.

    EGG_SERVER_ENV chooses another one; TESTS names paths, separated by commas.
    """
    develop()
    pytest_run.need("pytest")
    chosen = paths or pytest_run.of_environment()
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
