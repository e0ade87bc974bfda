"""`eggd check`: the app, loaded as a worker would, by the user that a worker runs as."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eggd.cli.progress import loading
from eggd.cli.target import ASKED, enter, env_line
from eggd.errors import SystemdError
from eggd.wire.terminal import visible_json, visible_line

if TYPE_CHECKING:
    from eggd.process.checking import Summary

WORKER = "egg-worker@1.service"
"""Whose drop-ins say where a certificate comes from."""

EXAMPLES = """\b
Examples:
  eggd check                    the app of /etc/default/eggd
  eggd check /srv/shop --env local
"""


@click.command(epilog=EXAMPLES)
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--env", default="", metavar="ENV", help="Environment, instead of the configured.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--by-unit", is_flag=True, hidden=True)  # found by root, passed to its child
def command(directory: Path | None, env: str, as_json: bool, by_unit: bool) -> None:
    """Loads the app as a worker would and report the error at which a start would fail.

    No port is opened and no hook beyond the config's is run. What is probably a mistake, but
    would not stop a start, is a warning on standard error.
    """
    by_unit = by_unit or (directory is None and _check_credentials())
    target = enter(directory, more=["--by-unit"] if by_unit else [])

    from eggd.process.checking import check

    with loading(target.base_dir):
        found = check(target.base_dir, env, target.environ, https=not by_unit)
    found = replace(found, env_origin=target.chosen_by(found.env_origin))
    if as_json:
        click.echo(visible_json(asdict(found)))
        return
    for warning in found.warnings:
        _warn(warning)
    click.echo(visible_line(_summary(found)))
    if found.env_origin != ASKED:
        click.echo(visible_line(env_line(found.env, found.env_origin)))


def _check_credentials() -> bool:
    """Tells whether the units give the workers a certificate. Raises EggError for a bad one.

    Only root can read what systemd reads for them.
    """
    if os.geteuid() != 0:
        return False

    from eggd.host.credentials import unit_pair
    from eggd.host.systemctl import Systemctl
    from eggd.http.tls import checked_context

    try:
        pair = unit_pair(Systemctl(os.environ).cat(WORKER))
    except SystemdError:  # no systemd here: nobody loads credentials
        return False
    if pair is None:
        return False
    checked_context(*pair, _warn)
    return True


def _summary(found: Summary) -> str:
    return (
        f"{found.name} ({found.env}) loads: {_count(found.routes, 'route')}, "
        f"{_count(found.services, 'service')}, "
        f"middleware {', '.join(found.middleware) or 'none'}, "
        f"plugins {', '.join(found.plugins) or 'none'}"
    )


def _warn(text: str) -> None:
    click.echo(f"warning: {visible_line(text)}", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
