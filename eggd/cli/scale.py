"""`eggd scale N`: the number of workers is the number of enabled instances, stored nowhere else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import click

from eggd.cli import parameters
from eggd.cli.backend import Local, by_systemd
from eggd.cli.progress import following
from eggd.host.executor import Executor
from eggd.host.systemctl import Systemctl
from eggd.suite import scale, wording
from eggd.suite.names import SuiteNames
from eggd.suite.requests import perform


@click.command(epilog="\b\nExamples:\n  eggd scale 4\n  eggd scale 4 /srv/shop")
@click.argument("number", metavar="N", type=parameters.WorkerCount())
@parameters.directory
def command(number: int, directory: Path | None) -> None:
    """Enables and starts workers 1 to N, disables and stops all others.

    New workers are ready before others stop. If one cannot start, nothing changes.
    """
    doing = f"scaling to {number}"
    if by_systemd(directory):
        following(lambda say: _scale(number, say), doing)
        click.echo(f"scaled: by systemd, {wording.workers(number)} enabled and running")
    else:
        local = Local(directory)
        click.echo(local.serving("scaled", local.ask(doing, command="scale", workers=number)))


def _scale(number: int, say: Callable[[str], None]) -> None:
    systemctl, names = Systemctl(os.environ), SuiteNames.chosen(os.environ)
    states = systemctl.states(names.workers)
    rule = scale.scale(
        number,
        enabled=names.slots(systemctl.wants(names.master)),
        running=names.slots(state.unit for state in states if state.active != "inactive"),
        ready=names.slots(state.unit for state in states if state.ready),
        names=names,
    )
    perform(rule, Executor(systemctl, say, say, names, Path(names.runtime)).execute)
