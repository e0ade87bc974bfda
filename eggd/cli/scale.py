"""`eggd scale N`: the number of workers is the number of enabled instances, stored nowhere else."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from eggd.cli.backend import Local, by_systemd
from eggd.cli.progress import waiting
from eggd.errors import BootError, SystemdError
from eggd.host.systemctl import Outcome, Systemctl
from eggd.suite.slots import LAST_SLOT, MASTER, WORKERS, slot_of, unit_of


@click.command(epilog="\b\nExamples:\n  eggd scale 4\n  eggd scale 4 /srv/shop")
@click.argument("number", metavar="N", type=click.IntRange(1, LAST_SLOT))
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
def command(number: int, directory: Path | None) -> None:
    """Enables and starts workers 1 to N, disables and stops all others.

    New workers are ready before others stop. If one cannot start, nothing changes.
    """
    if not by_systemd(directory):
        local = Local(directory)
        doing = f"scaling to {number}"
        click.echo(local.serving("scaled", local.ask(doing, command="scale", workers=number)))
        return
    systemctl = Systemctl(os.environ)
    enabled = {slot for unit in systemctl.wants(MASTER) if (slot := slot_of(unit))}
    loaded = {slot: state for state in systemctl.states(WORKERS) if (slot := slot_of(state.unit))}
    wanted = set(range(1, number + 1))
    ready = {slot for slot, state in loaded.items() if state.ready}
    _grow(systemctl, new=_units(wanted - enabled), down=_units(wanted - ready))
    _shrink(systemctl, _units((enabled | set(loaded)) - wanted))
    workers = f"{number} {'worker' if number == 1 else 'workers'}"
    click.echo(f"scaled: by systemd, {workers} enabled and running")


def _units(slots: set[int]) -> list[str]:
    return [unit_of(slot) for slot in sorted(slots)]


def _grow(systemctl: Systemctl, new: list[str], down: list[str]) -> None:
    if new:
        _must(systemctl.enable(*new))
    if not down:
        return
    since = time.time()
    started = waiting(lambda: systemctl.start(*down), lambda: f"starting {len(down)} workers")
    if not started.ok:
        failed = [state.unit for state in systemctl.states(*down) if not state.ready]
        reasons = [f"{unit}: {systemctl.reason(unit, since)}" for unit in failed]
        if new:
            systemctl.disable(*new)
            systemctl.stop(*(unit for unit in new if unit in down))
        raise BootError("; ".join(reasons) or started.err, hint="nothing was changed")


def _shrink(systemctl: Systemctl, others: list[str]) -> None:
    if others:
        _must(systemctl.disable(*others))
        _must(waiting(lambda: systemctl.stop(*others), lambda: f"stopping {len(others)} workers"))


def _must(outcome: Outcome) -> None:
    if not outcome.ok:
        raise SystemdError(outcome.err)
