"""`eggd stop`."""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path

import click

from eggd.cli import parameters, suite
from eggd.cli.backend import Local, by_systemd
from eggd.cli.progress import waiting
from eggd.errors import EggError
from eggd.suite.names import SuiteNames

EXAMPLES = """\b
Examples:
  eggd stop                    the host's suite, by systemd
  eggd stop /srv/shop
  eggd stop --title shop --timeout 5
"""
LONGEST = 95.0
"""Seconds that workers (40 s) and then the agent (40 s) have by their units, and some more."""


@click.command(epilog=EXAMPLES)
@parameters.directory
@click.option("--title", default="", metavar="TITLE", help="Stop the suite with this title.")
@click.option(
    "--timeout",
    type=parameters.Seconds(0.1, 600),
    help="Seconds until a process is killed (default: 40, as in the units).",
)
def command(directory: Path | None, title: str, timeout: float | None) -> None:
    """Stops the workers, which finish their requests, then the agent and the sockets.

    If no suite is running, that is a warning and not an error.
    """
    if by_systemd(directory) and not title:
        if timeout is not None:
            raise click.UsageError(
                "--timeout needs DIR: systemd applies TimeoutStopSec= of the units"
            )
        line = suite.stop(SuiteNames.chosen(os.environ))
        click.echo(
            line or f"warning: {SuiteNames.chosen(os.environ).master} is not running", err=not line
        )
        return
    local = Local(directory, title)
    if local.suite is None:
        click.echo(f"warning: {local.missing}", err=True)
        return
    click.echo(_stopped(local, local.suite.pid, timeout))


def _stopped(local: Local, pid: int, timeout: float | None) -> str:
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return f"stopped: {local.name}"
    limit = LONGEST if timeout is None else 2 * timeout + 5
    try:
        _ask(local, pidfd, timeout, limit)
        if waiting(lambda: select.select([pidfd], [], [], limit)[0], lambda: "stopping"):
            return f"stopped: {local.name}"
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        return f"killed after {limit:g} s: {local.name}"
    finally:
        os.close(pidfd)


def _ask(local: Local, pidfd: int, timeout: float | None, limit: float) -> None:
    """Stops the suite over its control socket, which reports progress, or else by SIGTERM."""
    try:
        local.ask("stopping", command="stop", timeout=timeout or 0, patience=limit)
    except EggError:
        try:
            signal.pidfd_send_signal(pidfd, signal.SIGTERM)
        except PermissionError:
            raise local.refusal() from None
