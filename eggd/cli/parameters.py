"""The arguments and options that several commands have, as decorators."""

from __future__ import annotations

from pathlib import Path

import click

from eggd.suite.slots import LAST_SLOT


class WorkerCount(click.IntRange):
    """A number of workers, from 1 to 999."""

    name = "number of workers"  # click's error names it

    def __init__(self) -> None:
        super().__init__(1, LAST_SLOT)


directory = click.argument(
    "directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path)
)
"""The app's directory; None if it is not given."""

env = click.option(
    "--env", default="", metavar="ENV", help="Environment (default: the configured one)."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

framework = click.option(
    "--framework", metavar="PACKAGE", help="Framework package (default: of the app)."
)
python = click.option(
    "--python", metavar="FILE", help="Interpreter of the processes (default: this one)."
)

paths = click.argument("paths", metavar="[PATHS]... [-- PYTEST ARGUMENTS]", nargs=-1)
grep = click.option(
    "-k", "-g", "--grep", multiple=True, metavar="EXPR", help="Run only tests matching EXPR."
)
dry_run = click.option("-d", "--dry-run", is_flag=True, help="Print the command; do not run it.")
