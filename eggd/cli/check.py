"""`eggd check`: loads the app as a worker would, as the user that a worker runs as."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eggd.cli import parameters
from eggd.cli.current_app import ENV_OPTION, enter, env_line
from eggd.cli.loading import loading
from eggd.cli.options import table_options
from eggd.cli.output import print_json, print_line, warn
from eggd.errors import SystemdError
from eggd.suite.names import SuiteNames

if TYPE_CHECKING:
    from eggd.probe.check import Summary

EXAMPLES = """\b
Examples:
  eggd check                    the app of /etc/default/eggd
  eggd check /srv/shop --env local
"""


@click.command(epilog=EXAMPLES)
@parameters.directory
@parameters.env
@parameters.as_json
@click.option("--by-unit", is_flag=True, hidden=True)  # root passes its finding to its child
def command(directory: Path | None, env: str, as_json: bool, by_unit: bool) -> None:
    """Loads the app as a worker would and reports the error that would stop a start.

    No port is opened, and of the app's hooks only the config hooks run. A probable mistake that
    would not stop a start is a warning on standard error.
    """
    by_unit = by_unit or (directory is None and _has_unit_certificate())
    current = enter(directory, more=["--by-unit"] if by_unit else [])

    from eggd.probe.check import check

    with loading(current.base_dir):
        summary = check(
            current.base_dir, env, current.environ, https=not by_unit, origin=current.origin
        )
        table_options(current.base_dir)
    if directory is None:
        summary = replace(summary, warnings=[*summary.warnings, *_ignored_lines()])
    if as_json:
        print_json(asdict(summary))
        return
    for warning in summary.warnings:
        warn(warning)
    print_line(_line(summary))
    if summary.env_origin != ENV_OPTION:
        print_line(env_line(summary.env, summary.env_origin))


def _has_unit_certificate() -> bool:
    """Whether the units give the workers a certificate; only root can read what systemd reads.

    Raises EggError for a certificate that cannot be used.
    """
    if os.geteuid() != 0:
        return False

    from eggd.host.credentials import unit_pair
    from eggd.host.systemctl import Systemctl
    from eggd.http.tls import create_context

    worker = SuiteNames.chosen(os.environ).worker(1)  # its drop-ins name the files
    try:
        pair = unit_pair(Systemctl(os.environ).cat(worker))
    except SystemdError:  # without systemd no unit loads credentials
        return False
    if pair is None:
        return False
    create_context(*pair, warn)
    return True


def _ignored_lines() -> list[str]:
    """Returns a warning for each line in the drop-ins of the units that systemd ignores."""
    from eggd.host.ignored_lines import ignored_lines

    try:
        lines = ignored_lines(SuiteNames.chosen(os.environ))
    except SystemdError as exc:
        return [exc.line]
    return [f"{each} ({each.hint})" for each in lines]


def _line(summary: Summary) -> str:
    return (
        f"{summary.name} ({summary.env}) loads: {_count(summary.routes, 'route')}, "
        f"{_count(summary.services, 'service')}, "
        f"middleware {', '.join(summary.middleware) or 'none'}, "
        f"plugins {', '.join(summary.plugins) or 'none'}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
