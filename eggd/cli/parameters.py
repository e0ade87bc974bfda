"""The arguments and options that several commands have, as decorators."""

from __future__ import annotations

import math
from pathlib import Path

import click
from click.core import ParameterSource

from eggd.cli.group import is_selected
from eggd.config import measures
from eggd.config.measures import BadValueError
from eggd.host.release.health import is_url_path
from eggd.host.release.places import ROOT
from eggd.socketfile import Access, parse_access
from eggd.suite.slots import LAST_SLOT


class WorkerCount(click.IntRange):
    """A number of workers, from 1 to 999."""

    name = "number of workers"  # click's error names it

    def __init__(self) -> None:
        super().__init__(1, LAST_SLOT)


class Seconds(click.FloatRange):
    """A number of seconds within limits, never NaN."""

    name = "number of seconds"  # click's error names it

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Returns the seconds."""
        seconds: float = super().convert(value, param, ctx)
        if math.isnan(seconds):  # passes each comparison with a limit
            self.fail(f"{value!r} is not a valid {self.name}", param, ctx)
        return seconds


class Count(click.IntRange):
    """A number of things, at least 1."""

    name = "whole number"  # click's error names it

    def __init__(self) -> None:
        super().__init__(min=1)


class Duration(click.ParamType):
    """A duration as in the config: 10, `10s` or `2m`."""

    name = "duration"  # click's error names it

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Returns the seconds."""
        try:
            return measures.seconds(value)
        except BadValueError as exc:
            self.fail(f"{value!r} must be {exc}", param, ctx)


def _url_path(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not is_url_path(value):
        raise click.UsageError(f"--check: {value!r} is not a path such as /health")
    return value


def _environment(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Raises UsageError for an empty name, which would be ignored."""
    origin = context.get_parameter_source(parameter.name or "")
    if not value.strip() and origin is ParameterSource.COMMANDLINE:
        raise click.UsageError("--env: must be the name of an environment, not ''")
    return value


def refuse_application(what: str) -> None:
    """Raises UsageError if the command line has --app, which excludes `what`."""
    if is_selected(click.get_current_context()):
        raise click.UsageError(f"--app and {what} exclude each other")


def _directory(
    context: click.Context, parameter: click.Parameter, value: Path | None
) -> Path | None:
    if value is not None:
        refuse_application("DIR")
    return value


directory = click.argument(
    "directory",
    metavar="[DIR]",
    required=False,
    type=click.Path(path_type=Path),
    callback=_directory,
)
"""The app's directory; None if it is not given."""

env = click.option(
    "--env",
    default="",
    metavar="ENV",
    callback=_environment,
    help="Environment (default: the configured one).",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

framework = click.option(
    "--framework", metavar="PACKAGE", help="Framework package (default: of the app)."
)
python = click.option(
    "--python", metavar="FILE", help="Interpreter of the processes (default: this one)."
)

owner = click.option(
    "--owner",
    metavar="USER[:GROUP]",
    help="Owner of the file of unix:PATH, or :GROUP (default: you).",
)
unit_owner = click.option(
    "--owner",
    metavar="USER[:GROUP]",
    help="Owner of the file of unix:PATH, or :GROUP (default: eggd:eggd; of --app NAME:"
    " eggd-NAME:eggd-NAME).",
)
mode = click.option(
    "--mode", metavar="MODE", help="Access mode of the file of unix:PATH (default: 0660)."
)

check_path = click.option(
    "--check",
    "check_path",
    metavar="PATH",
    callback=_url_path,
    help="Path that must answer with 2xx or 3xx (default: / with any status below 500).",
)
healthy = click.option(
    "--healthy",
    metavar="TIME",
    type=Duration(),
    help="How long the new release must stay healthy (default: 10s).",
)
releases_root = click.option("--root", default=ROOT, hidden=True, type=click.Path(path_type=Path))

paths = click.argument("paths", metavar="[PATHS]... [-- PYTEST ARGUMENTS]", nargs=-1)
grep = click.option(
    "-k", "-g", "--grep", multiple=True, metavar="EXPR", help="Run only tests matching EXPR."
)
dry_run = click.option("-d", "--dry-run", is_flag=True, help="Print the command; do not run it.")


def access(owner: str | None, mode: str | None, default: Access) -> Access:
    """Returns the access of a Unix socket; raises UsageError for a wrong owner or mode."""
    try:
        return parse_access(owner, mode, default)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc


def refuse_access(owner: str | None, mode: str | None) -> None:
    """Raises UsageError for options that have no effect on a port."""
    for name, value in (("--owner", owner), ("--mode", mode)):
        if value is not None:
            raise click.UsageError(f"{name} has an effect on unix:PATH only")
